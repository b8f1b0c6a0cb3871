"""Every provider's video becomes one kind of master, a watermarked preview and a poster."""

import hashlib
import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from echoes.adapters.video import boxes, source
from echoes.adapters.video.finish import FinishedClip, finish_clip, preview_size
from echoes.adapters.video.source import SourceUnusable
from echoes.adapters.video.writer import master_writer
from tests.support.masters import starts_at_once
from tests.support.specimens import (
    BT601,
    BT709,
    PC,
    add_silence,
    corners,
    decoded,
    encoded,
    keyframes,
    landscape,
    luma,
    panorama,
    reopened,
    write_clip,
)

SIZE = (192, 108)


def finish(path: Path, directory: Path, **changed: object) -> FinishedClip:
    request = {
        "width": 192,
        "height": 108,
        "duration_seconds": 1,
        "watermark_seed": "user-1/clip-1",
    }
    directory.mkdir(exist_ok=True)
    return finish_clip(path, directory=directory, **(request | changed))  # type: ignore[arg-type]


def moving(width: int, height: int, count: int) -> Iterator[Image.Image]:
    frame = panorama(width, height)
    return (frame(index) for index in range(count))


def still(picture: Image.Image, count: int = 24) -> Iterator[Image.Image]:
    return itertools.repeat(picture, count)


@pytest.fixture
def ordinary(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "ordinary.mp4", frames=moving(*SIZE, 24))


PROVIDERS: dict[str, dict[str, Any]] = {
    "as ours": {},
    "30 fps": {"count": 30, "rate": 30},
    "60 fps": {"count": 60, "rate": 60},
    "coarser": {"crf": 40},
    "other size": {"size": (320, 180)},
    "portrait": {"size": (108, 192)},
    "BT.601, full range": {"matrix": BT601, "value_range": PC},
    "rotated": {"size": (108, 192), "rotation": 90},
    "variable rate": {"count": 16, "pts": lambda index: index * 62 + (index % 3) * 9},
    "wide pixels": {"size": (144, 108), "aspect": Fraction(4, 3)},
    "webm": {"codec": "libvpx"},
    "with sound": {"sound": True},
}


def provider_clip(name: str, path: Path) -> Path:
    how = dict(PROVIDERS[name])
    (width, height), count = how.pop("size", SIZE), how.pop("count", 24)
    suffix = ".webm" if "codec" in how else ".mp4"
    return write_clip(path.with_suffix(suffix), frames=moving(width, height, count), **how)


@pytest.fixture(scope="module")
def our_signature(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ours") / "master.mp4"
    with master_writer(path, width=192, height=108, frames=24, crf=30) as writer:
        for _ in range(24):
            writer.write(av.VideoFrame(192, 108, "yuv420p"))
    return boxes.stream_signature(path)


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_source_becomes_the_same_kind_of_master(
    name: str, tmp_path: Path, our_signature: str
) -> None:
    """
    Rate, size, ratio, rotation, colours and container of the source leave no trace.

    Masters have exactly 24 frames a second, IDRs at the joints, one signature, and no sound
    (AJ8, PF-L3).
    """
    clip = finish(provider_clip(name, tmp_path / "source.mp4"), tmp_path / "out")
    frames = decoded(clip.master)
    assert (clip.width, clip.height, clip.frames, clip.duration_seconds) == (192, 108, 24, 1.0)
    assert [(frame.pts or 0) * 24 // 12_288 for frame in frames] == list(range(24))
    assert {(frame.width, frame.height) for frame in frames} == {(192, 108)}
    assert {(frame.colorspace, frame.color_range) for frame in frames} == {(1, 1)}
    assert {0, 12} <= set(keyframes(clip.master))
    assert clip.signature == our_signature
    for path in (clip.master, clip.preview):
        assert starts_at_once(path)
        with av.open(str(path)) as container:
            assert [stream.type for stream in container.streams] == ["video"]
            assert container.streams.video[0].average_rate == 24
    assert len(decoded(clip.preview)) == 24


def test_another_size_has_another_signature(tmp_path: Path, ordinary: Path) -> None:
    """Clips that cannot be joined by copying have different signatures."""
    signatures = {
        finish(ordinary, tmp_path / str(width), width=width, height=height).signature
        for width, height in ((192, 108), (108, 192), (144, 144))
    }
    assert len(signatures) == 3


def test_idrs_stand_where_a_cross_fade_cuts(tmp_path: Path) -> None:
    """Frames 0, 12 and N - 12 can be cut at without touching the others."""
    path = write_clip(tmp_path / "long.mp4", frames=moving(*SIZE, 48))
    clip = finish(path, tmp_path / "out", duration_seconds=2)
    assert {0, 12, 36} <= set(keyframes(clip.master))


def test_a_master_shows_what_the_source_showed(tmp_path: Path, ordinary: Path) -> None:
    """Frame for frame, the picture is the provider's, neither shifted nor softened."""
    clip = finish(ordinary, tmp_path / "out")
    for before, after in zip(decoded(ordinary), decoded(clip.master), strict=True):
        difference = ImageChops.difference(luma(before), luma(after))
        assert ImageStat.Stat(difference).mean[0] < 2.5


@pytest.mark.parametrize("name", ["tv 709", "tv 601", "full 709", "untagged"])
def test_colours_are_converted_not_only_tagged(name: str, tmp_path: Path) -> None:
    """Red stays red from BT.601, from full range and from files silent on both."""
    choices: dict[str, dict[str, Any]] = {
        "tv 709": {},
        "tv 601": {"matrix": BT601},
        "full 709": {"value_range": PC},
        "untagged": {"matrix": BT601, "tagged": False},
    }
    path = write_clip(tmp_path / "s.mp4", frames=still(corners(*SIZE)), **choices[name])
    clip = finish(path, tmp_path / "out")
    assert_corners(decoded(clip.master)[11].to_image())


def assert_corners(picture: Image.Image, *, within: int = 9) -> None:
    width, height = picture.size
    for place, colour in {
        (0.25, 0.25): (255, 0, 0),
        (0.75, 0.25): (0, 255, 0),
        (0.75, 0.75): (0, 0, 255),
        (0.25, 0.75): (255, 255, 255),
    }.items():
        shown = picture.getpixel((int(place[0] * width), int(place[1] * height)))
        assert isinstance(shown, tuple)
        assert max(abs(a - b) for a, b in zip(shown, colour, strict=True)) <= within, (place, shown)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_rotated_source_stands_upright(rotation: int, tmp_path: Path) -> None:
    """A display matrix is obeyed, for the decoder does not."""
    stored = corners(*SIZE).rotate(-rotation, expand=True)
    path = write_clip(tmp_path / "s.mp4", frames=still(stored), rotation=rotation)
    clip = finish(path, tmp_path / "out")
    assert_corners(decoded(clip.master)[3].to_image())


def test_a_foreign_ratio_stands_whole_on_a_blurred_ground(tmp_path: Path) -> None:
    """A portrait in a landscape frame is neither cropped nor stretched nor barred in black."""
    path = write_clip(tmp_path / "s.mp4", frames=still(corners(108, 192)))
    picture = decoded(finish(path, tmp_path / "out").master)[5].to_image()
    inside = 108 * 108 / 192
    left = round((192 - inside) / 2)
    assert_corners(picture.crop((left, 0, round(left + inside), 108)), within=14)
    ground = ImageStat.Stat(picture.crop((0, 20, left - 4, 88)))
    assert sum(ground.mean) > 90
    assert max(ImageStat.Stat(picture.crop((4, 80, 20, 100))).stddev) < 40


def test_a_nearly_equal_ratio_fills_the_frame(tmp_path: Path) -> None:
    """Encoders that round to 16 lines do not cost us a frame of blur."""
    path = write_clip(tmp_path / "s.mp4", frames=still(corners(192, 112)))
    picture = decoded(finish(path, tmp_path / "out").master)[5].to_image()
    assert_corners(picture)
    assert ImageStat.Stat(picture.crop((0, 0, 3, 50))).mean[0] > 245


@pytest.mark.parametrize(("count", "expected"), [(13, 24), (24, 24), (36, 24)])
def test_half_a_second_is_cut_or_filled(count: int, expected: int, tmp_path: Path) -> None:
    """A source that misses its length by up to half a second has exactly the length ordered."""
    path = write_clip(tmp_path / "s.mp4", frames=moving(*SIZE, count))
    clip = finish(path, tmp_path / "out")
    frames = decoded(clip.master)
    assert len(frames) == clip.frames == expected
    if count < expected:
        last = ImageChops.difference(luma(frames[count - 1]), luma(frames[-1]))
        assert ImageStat.Stat(last).mean[0] < 2


@pytest.mark.parametrize(("count", "reason"), [(11, "too_short"), (37, "too_long")])
def test_beyond_half_a_second_a_source_is_refused(count: int, reason: str, tmp_path: Path) -> None:
    """A clip of five seconds never has three; no partial file is left."""
    path = write_clip(tmp_path / "s.mp4", frames=moving(*SIZE, count))
    assert refused(path, tmp_path / "out") == reason


def refused(path: Path, directory: Path) -> str:
    with pytest.raises(SourceUnusable) as caught:
        finish(path, directory)
    assert not list(directory.iterdir())
    return caught.value.reason


@pytest.mark.parametrize("at", [2, 12, 21])
@pytest.mark.parametrize("kind", ["landscape", "black", "white"])
def test_the_watermark_is_in_the_pixels_everywhere(at: int, kind: str, tmp_path: Path) -> None:
    """
    At three times, in each sixteenth of the preview, on any ground, the picture is not clean.

    So no crop of a quarter is free of our name (FF4, DEC-D7).
    """
    size = (640, 360)
    ground = landscape(*size) if kind == "landscape" else Image.new("RGB", size, kind)
    path = write_clip(tmp_path / "s.mp4", frames=still(ground))
    clip = finish(path, tmp_path / "out", width=640, height=360)
    clean, marked = decoded(clip.master)[at], decoded(clip.preview)[at]
    assert (marked.width, marked.height) == size
    difference = ImageChops.difference(luma(clean), luma(marked))
    for row, column in itertools.product(range(4), range(4)):
        tile = difference.crop((column * 160, row * 90, (column + 1) * 160, (row + 1) * 90))
        touched = sum(tile.histogram()[18:]) / (160 * 90)
        assert 0.03 < touched < 0.6, (row, column)


def test_the_poster_is_of_the_marked_preview(tmp_path: Path) -> None:
    """The poster is public: it is small, light, upright, and carries the watermark (FF4)."""
    path = write_clip(tmp_path / "s.mp4", frames=still(corners(1280, 720), 14))
    clip = finish(path, tmp_path / "out", width=1280, height=720)
    content = clip.poster.read_bytes()
    poster = reopened(content)
    assert poster.format == "JPEG"
    assert poster.size == preview_size(1280, 720) == (640, 360)
    assert len(content) <= 60_000
    marked, clean = decoded(clip.preview)[0], decoded(clip.master)[0]
    like_marked = ImageChops.difference(poster, marked.to_image()).convert("L")
    like_clean = ImageChops.difference(poster, clean.to_image().resize((640, 360))).convert("L")
    assert ImageStat.Stat(like_marked).mean[0] < ImageStat.Stat(like_clean).mean[0] / 3


def test_two_clips_are_marked_differently(tmp_path: Path, ordinary: Path) -> None:
    """The seed moves the watermark, so one clip's layer cannot clean another."""
    one, same, other = (
        finish(ordinary, tmp_path / str(index), watermark_seed=seed)
        for index, seed in enumerate(("a", "a", "b"))
    )
    assert one.preview.read_bytes() == same.preview.read_bytes()
    assert one.poster.read_bytes() != other.poster.read_bytes()
    assert one.sha256 == same.sha256 == other.sha256


def test_the_hash_is_of_the_master(tmp_path: Path, ordinary: Path) -> None:
    """`sha256` lets a later reader check that the bytes are unchanged (AJ8)."""
    clip = finish(ordinary, tmp_path / "out")
    assert clip.sha256 == hashlib.sha256(clip.master.read_bytes()).hexdigest()


def test_progress_rises_to_one(tmp_path: Path, ordinary: Path) -> None:
    """Shares are reported in order, and the last is 1."""
    heard: list[float] = []
    finish(ordinary, tmp_path / "out", on_progress=heard.append)
    assert heard == sorted(heard)
    assert heard[0] == 0.0
    assert heard[-1] == 1.0
    assert len(heard) > 3


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1280, 720), (640, 360)), ((720, 1280), (360, 640)), ((1104, 832), (640, 482)),
        ((960, 960), (640, 640)), ((1584, 672), (640, 272)),
    ],
)  # fmt: skip
def test_a_preview_is_too_small_to_replace_the_master(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    """The long side of every preview is 640 pixels."""
    assert preview_size(*size) == expected


def test_broken_sources_are_refused(tmp_path: Path, ordinary: Path) -> None:
    """Empty, foreign, cut and damaged files are refused; no file is left."""
    whole = ordinary.read_bytes()
    damaged = bytearray(whole)
    media = whole.index(b"mdat")
    for at in range(media + 200, len(damaged) - 2000, 97):
        damaged[at] ^= 0x5A
    cases = {
        b"": "empty",
        b"<html>404 Not Found</html>": "unsupported_format",
        b"#EXTM3U\nhttp://127.0.0.1:9/x.ts\n": "unsupported_format",
        encoded(landscape(96, 96)): "unsupported_format",
        whole[: len(whole) // 2]: "truncated",
        whole[:-1]: "truncated",
        whole[:40]: "truncated",
        bytes(damaged): "corrupt",
        b"\0\0\0\x10ftypisom\0\0\0\0": "truncated",
        b"\x1a\x45\xdf\xa3" + bytes(500): "corrupt",
    }
    for number, (content, reason) in enumerate(cases.items()):
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(content)
        assert refused(path, tmp_path / "out" if number else _made(tmp_path / "out")) == reason


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory


def test_sources_have_bounds(
    tmp_path: Path, ordinary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes, pixels, seconds and frames are counted before they cost anything."""
    for name, value, reason in (
        ("MAX_BYTES", 100, "too_many_bytes"),
        ("MAX_PIXELS", 192 * 108 - 1, "too_many_pixels"),
        ("MAX_SECONDS", 0.5, "too_long"),
        ("MAX_FRAMES", 10, "too_many_frames"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(source, name, value)
            directory = tmp_path / name
            directory.mkdir()
            assert refused(ordinary, directory) == reason


def test_a_file_with_sound_alone_is_no_clip(tmp_path: Path) -> None:
    """An audio track makes no picture."""
    path = tmp_path / "s.mp4"
    with av.open(str(path), "w") as container:
        add_silence(container)
    assert refused(path, _made(tmp_path / "out")) == "no_video"


def test_impossible_sizes_are_a_mistake_of_ours(tmp_path: Path, ordinary: Path) -> None:
    """Odd, tiny and huge sizes, and no seconds at all, are ValueErrors, not bad sources."""
    for changed in ({"width": 191}, {"height": 32}, {"width": 4096}, {"duration_seconds": 0}):
        with pytest.raises(ValueError, match=r"."):
            finish(ordinary, tmp_path / "out", **changed)


@pytest.mark.parametrize("bt", [BT709, BT601])
def test_the_preview_has_the_same_colours(bt: int, tmp_path: Path) -> None:
    """Between the words, the preview looks like the master."""
    path = write_clip(tmp_path / "s.mp4", frames=still(corners(*SIZE)), matrix=bt)
    clip = finish(path, tmp_path / "out")
    clean, marked = (decoded(p)[6].to_image() for p in (clip.master, clip.preview))
    difference = ImageChops.difference(clean, marked).convert("L")
    assert sum(difference.histogram()[:12]) / (192 * 108) > 0.4
