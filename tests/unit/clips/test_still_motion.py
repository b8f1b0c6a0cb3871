"""A photo becomes a clip whose camera glides; measured, not looked at."""

import itertools
import math
from pathlib import Path

import pytest
from PIL import Image

from echoes.adapters.video import boxes
from echoes.adapters.video.camera import Scene, between, choose, plan
from echoes.adapters.video.focus import Focus, find_focus
from echoes.adapters.video.pictures import PhotoUnreadable
from echoes.adapters.video.still_motion import compose, render_still_motion, shoot
from echoes.domain.clips.clip import Motion
from tests.support.masters import starts_at_once
from tests.support.specimens import corners, decoded, dot, encoded, landscape, luma

MOVES = [motion for motion in Motion if motion is not Motion.AUTO]


def centroid(plane: Image.Image) -> tuple[float, float]:
    """Where the one bright thing is, in pixels, to a few hundredths."""
    picture = plane.point([max(0, value - 40) for value in range(256)])
    box = picture.getbbox()
    assert box is not None
    pixels, width = picture.crop(box).tobytes(), box[2] - box[0]
    rows = [pixels[at : at + width] for at in range(0, len(pixels), width)]
    total = sum(pixels)
    x = sum(i * value for row in rows for i, value in enumerate(row)) / total
    y = sum(i * sum(row) for i, row in enumerate(rows)) / total
    return box[0] + x + 0.5, box[1] + y + 0.5


def jitter(places: list[float]) -> float:
    """Answer the rms of the second difference: what an eye sees as trembling."""
    second = [c - 2 * b + a for a, b, c in zip(places, places[1:], places[2:], strict=False)]
    return math.sqrt(sum(value * value for value in second) / len(second))


@pytest.mark.parametrize("motion", MOVES)
def test_the_camera_glides_below_a_pixel(motion: Motion) -> None:
    """
    A dot's path over the frames trembles by less than a tenth of a pixel, for every move.

    Whole-pixel crops, as FFmpeg's zoompan makes them, tremble by half a pixel and more.
    """
    photo = encoded(dot(640, 480, x=300, y=250, sigma=14), quality=95)
    shot = compose(photo, width=320, height=180, motion=motion, seed=3, seconds=2)
    path = [centroid(planes.y) for planes in shoot(shot, 48)]
    assert len(path) == 48
    xs, ys = [x for x, _ in path], [y for _, y in path]
    # The move itself speeds up and slows down by some hundredths of a pixel a frame.
    assert jitter(xs) < 0.1
    assert jitter(ys) < 0.1
    travelled = max(max(xs) - min(xs), max(ys) - min(ys))
    assert (travelled > 10) == (motion not in {Motion.ZOOM_IN, Motion.ZOOM_OUT})


@pytest.mark.parametrize(
    ("motion", "axis", "sign"),
    [("pan_left", 0, 1), ("pan_right", 0, -1), ("tilt_up", 1, 1), ("tilt_down", 1, -1)],
)
def test_the_camera_moves_where_it_is_told(motion: str, axis: int, sign: int) -> None:
    """A camera that pans left lets things drift to the right, and so on."""
    photo = encoded(dot(640, 480, x=320, y=240, sigma=14))
    clip = render_still_motion(
        photo, width=320, height=180, duration_seconds=2, motion=motion, seed=1
    )
    frames = decoded(clip)
    first, last = centroid(luma(frames[0])), centroid(luma(frames[-1]))
    assert sign * (last[axis] - first[axis]) > 10
    assert last[1 - axis] == pytest.approx(first[1 - axis], abs=0.2)


def test_zooming_comes_closer_and_goes_away() -> None:
    """Zooming in makes things larger, zooming out smaller, at an even perceived speed."""
    photo = encoded(dot(640, 480, x=320, y=240, sigma=30))
    sizes = {}
    for motion in ("zoom_in", "zoom_out"):
        clip = render_still_motion(
            photo, width=320, height=180, duration_seconds=2, motion=motion, seed=1
        )
        sizes[motion] = [sum(luma(frame).tobytes()) for frame in decoded(clip)[::8]]
    assert sizes["zoom_in"] == sorted(sizes["zoom_in"])
    assert sizes["zoom_out"] == sorted(sizes["zoom_out"], reverse=True)


@pytest.mark.parametrize(("start", "end"), [(1.0, 1.2), (1.3, 1.0)])
def test_a_zoom_has_a_constant_perceived_speed_and_soft_edges(start: float, end: float) -> None:
    """The zoom's ratio from frame to frame is constant in the middle and fades at both ends."""
    scene = Scene(width=1000, height=1000, ratio=1.0)
    first, last = scene.clamped(300, 400, start), scene.clamped(300, 400, end)
    zooms = [between(first, last, i / 100).zoom for i in range(101)]
    steps = [math.log(b / a) / math.log(end / start) for a, b in itertools.pairwise(zooms)]
    assert sum(steps) == pytest.approx(1.0)
    assert steps[30:70] == pytest.approx([steps[50]] * 40)
    assert steps[0] < steps[50] / 50
    assert steps == pytest.approx(steps[::-1])


@pytest.mark.parametrize("motion", MOVES)
@pytest.mark.parametrize("size", [(1000, 1000), (3000, 1300), (900, 2000), (1280, 720)])
def test_the_camera_never_leaves_the_picture(motion: Motion, size: tuple[int, int]) -> None:
    """For every shape and every subject, no frame shows an edge."""
    scene = Scene(width=size[0], height=size[1], ratio=16 / 9)
    for focus in (Focus(0.0, 0.0), Focus(1.0, 1.0), Focus(0.4, 0.3)):
        start, end = plan(motion, scene=scene, focus=focus, seconds=10)
        assert start != end
        for i in range(11):
            window = between(start, end, i / 10)
            width, height = scene.side(window.zoom)
            assert window.x - width / 2 > -1e-6
            assert window.x + width / 2 < scene.width + 1e-6
            assert window.y - height / 2 > -1e-6
            assert window.y + height / 2 < scene.height + 1e-6


def test_auto_follows_the_picture_and_the_seed() -> None:
    """Tall pictures tilt, wide ones pan to their subject, others zoom; a seed repeats itself."""
    middle = Focus(0.5, 0.4)
    tall = Scene(width=600, height=1000, ratio=16 / 9)
    wide = Scene(width=2000, height=800, ratio=16 / 9)
    usual = Scene(width=1600, height=1200, ratio=16 / 9)

    def chosen(scene: Scene, focus: Focus = middle) -> set[Motion]:
        return {choose(Motion.AUTO, scene=scene, focus=focus, seed=seed) for seed in range(12)}

    assert chosen(tall) == {Motion.TILT_UP, Motion.TILT_DOWN}
    assert chosen(wide) == {Motion.PAN_LEFT, Motion.PAN_RIGHT}
    assert chosen(wide, Focus(0.8, 0.5)) == {Motion.PAN_RIGHT}
    assert chosen(usual) == {Motion.ZOOM_IN, Motion.ZOOM_OUT}


@pytest.mark.parametrize("place", [(0.2, 0.3), (0.75, 0.3), (0.5, 0.7)])
def test_the_eye_goes_to_the_subject(place: tuple[float, float]) -> None:
    """A face-coloured spot on a quiet ground is where the camera ends."""
    picture = Image.new("RGB", (480, 360), (90, 110, 120))
    radius = 34
    spot = Image.new("RGB", (2 * radius, 2 * radius), (224, 172, 140))
    picture.paste(spot, (int(place[0] * 480) - radius, int(place[1] * 360) - radius))
    focus = find_focus(picture)
    assert focus.x == pytest.approx(place[0], abs=0.08)
    assert focus.y == pytest.approx(place[1], abs=0.12)


def test_a_picture_without_a_subject_has_a_middle() -> None:
    """An even wall is looked at near its centre."""
    focus = find_focus(Image.new("RGB", (300, 200), "grey"))
    assert focus.x == pytest.approx(0.5, abs=0.02)
    assert 0.3 < focus.y < 0.6


def test_the_same_request_gives_the_same_clip() -> None:
    """Rendering is a function of its arguments: repeated, it answers the same bytes."""
    photo = encoded(landscape(400, 300))
    first, second = (
        render_still_motion(photo, width=160, height=90, duration_seconds=1, motion="auto", seed=4)
        for _ in range(2)
    )
    assert first == second


def test_colours_stay_what_they_were() -> None:
    """Red, green, blue and white corners of the photo are so in the clip (BT.709, converted)."""
    clip = render_still_motion(
        encoded(corners(640, 360), quality=98),
        width=320,
        height=180,
        duration_seconds=1,
        motion="zoom_in",
        seed=1,
    )
    picture = decoded(clip)[0].to_image()
    for place, colour in {
        (60, 40): (255, 0, 0),
        (260, 40): (0, 255, 0),
        (260, 140): (0, 0, 255),
        (60, 140): (255, 255, 255),
    }.items():
        shown = picture.getpixel(place)
        assert max(abs(a - b) for a, b in zip(shown, colour, strict=True)) <= 8


def test_the_clip_joins_our_masters(tmp_path: Path) -> None:
    """Photos of any kind give one signature, IDRs at the joints, and an index first (PF-L3)."""
    signatures = set()
    for index, photo in enumerate((landscape(640, 480), landscape(200, 300), corners(320, 180))):
        path = tmp_path / f"{index}.mp4"
        path.write_bytes(
            render_still_motion(
                encoded(photo), width=176, height=98, duration_seconds=3, motion="auto", seed=index
            )
        )
        frames = decoded(path)
        assert len(frames) == 72
        assert {0, 12, 60} <= {at for at, frame in enumerate(frames) if frame.key_frame}
        assert {frame.colorspace for frame in frames} == {1}
        assert starts_at_once(path)
        signatures.add(boxes.stream_signature(path))
    assert len(signatures) == 1


def test_what_cannot_be_rendered_is_refused() -> None:
    """Unusable photos and impossible requests are different errors."""
    photo = encoded(landscape(100, 100))

    def render(content: bytes = photo, **changed: object) -> bytes:
        request = {"width": 128, "height": 128, "duration_seconds": 1, "motion": "auto", "seed": 0}
        return render_still_motion(content, **(request | changed))  # type: ignore[arg-type]

    with pytest.raises(PhotoUnreadable):
        render(photo[:300])
    for changed in (
        {"width": 127},
        {"width": 4096},
        {"height": 32},
        {"width": 2048, "height": 2048},
        {"duration_seconds": 0},
        {"duration_seconds": 61},
        {"fps": 25},
        {"motion": "spin"},
    ):
        with pytest.raises(ValueError, match=r"."):
            render(**changed)
