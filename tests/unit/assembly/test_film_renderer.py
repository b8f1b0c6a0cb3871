"""Films of what lies in a store: read by range, written in parts, remembered piece by piece."""

import hashlib
import io
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest

from dev.fakes.films import InMemoryMultipartUpload, InMemoryRangedMedia
from echoes.adapters.video.assembly.film_renderer import PyAvFilmRenderer
from echoes.adapters.video.assembly.signature import film_signature
from echoes.adapters.video.assembly.stored import StoredSegments
from echoes.adapters.video.profile import master_options
from echoes.adapters.video.writer import ClipWriter
from echoes.domain.assembly.render_plan import FPS, JOINT_FRAMES
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.attempts import ClipMedia
from echoes.domain.clips.clip import Clip
from echoes.domain.clips.ratios import Ratio
from echoes.domain.errors import FilmUnsound, FootageRefused, Unavailable
from echoes.domain.films import specification
from echoes.domain.films.film import Film, FilmStatus, project_prefix, ref, segments_prefix
from echoes.domain.music.tracks import TRACKS
from echoes.domain.music.uploads import Library
from echoes.domain.projects.project import Look
from echoes.tasks.assembly import join
from tests.support.factories import ready_music
from tests.support.film_harness import FilmHarness
from tests.support.masters import master_of

ASSETS = Path(__file__).parents[3] / "assets" / "music"
FRAMES = 36


def a_master(path: Path, ratio: Ratio, *, shade: int) -> Path:
    width, height = ratio.size
    options = master_options(width, height)
    with ClipWriter(path, width=width, height=height, options=options) as writer:
        for index in range(FRAMES):
            frame = av.VideoFrame(width, height, "yuv420p")
            for plane, value in zip(frame.planes, (shade + index, 100, 150), strict=True):
                plane.update(bytes([value]) * plane.buffer_size)
            writer.write(frame, idr=index in {0, JOINT_FRAMES, FRAMES - JOINT_FRAMES})
    return path


@pytest.fixture(scope="module")
def masters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("masters")
    return {
        "one": a_master(folder / "one.mp4", Ratio.SQUARE, shade=40),
        "two": a_master(folder / "two.mp4", Ratio.SQUARE, shade=120),
        "tall": a_master(folder / "tall.mp4", Ratio.TALL, shade=80),
    }


class RendererHarness(FilmHarness):
    """A harness whose films are real."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ranged = InMemoryRangedMedia(self.media)
        self.wire(
            StoredSegments(self.ranged, self.media), PyAvFilmRenderer(self.ranged, self.media)
        )

    def clip_of(self, path: Path) -> Clip:
        described = master_of(path, handle=path.stem)
        key = f"owners/{self.owner}/clips/{path.stem}/1/master.mp4"
        self.media.write(key, path, content_type="video/mp4")
        media = ClipMedia(
            master_key=key,
            preview_key="preview",
            poster_key="poster",
            width=described.width,
            height=described.height,
            duration_seconds=described.frames / FPS,
            frames=described.frames,
            bytes=path.stat().st_size,
            sha256=described.sha256,
            signature=described.signature,
        )
        return self.clip(media=media)

    def music(self) -> str:
        track = TRACKS[0]
        self.media.write(track.key, ASSETS / track.filename, content_type="audio/mp4")
        return track.track_id

    def film(self, *clips: Clip, look: Look) -> Film:
        return self.ordered(self.project(*clips, look=replace(look, ratio=Ratio.SQUARE)))

    def carried(self, film: Film) -> list[int]:
        """Carry the film to its end; return how many segments each round had."""
        rounds = self.render_missing(film)
        self.join(ref(film))
        self.settle(ref(film))
        return rounds


@pytest.fixture
def harness() -> RendererHarness:
    return RendererHarness()


def test_a_film_of_clips_in_a_store_is_the_film_that_was_planned(
    harness: RendererHarness, masters: dict[str, Path]
) -> None:
    """Hard cuts and music: nothing is encoded, and what is described is what lies there."""
    clips = [harness.clip_of(masters[name]) for name in ("one", "two")]
    film = harness.film(*clips, look=Look(music_track_id=harness.music()))

    assert harness.carried(film) == []

    done = harness.now(film)
    assert done.status is FilmStatus.COMPLETED
    assert done.media is not None
    content = harness.media.files[done.media.key].content
    assert (done.media.frames, done.media.bytes) == (2 * FRAMES, len(content))
    assert done.media.sha256 == hashlib.sha256(content).hexdigest()
    assert content.index(b"moov") < content.index(b"mdat")
    with av.open(io.BytesIO(content), "r") as container:
        assert len(container.streams.audio) == 1
        assert len(list(container.decode(video=0))) == 2 * FRAMES
    assert harness.media.files[done.media.poster_key].content[:2] == b"\xff\xd8"
    assert harness.media.files[done.media.preview_key].content[8:12] == b"WEBP"


def test_what_was_encoded_once_is_found_by_the_next_film(
    harness: RendererHarness, masters: dict[str, Path]
) -> None:
    """Cards, foreign clips and joints are remembered: after one change only that is made."""
    one, two, tall = (harness.clip_of(masters[name]) for name in ("one", "two", "tall"))
    look = Look(transition=Transition.CROSS_FADE, title_card="Summer", ratio=Ratio.SQUARE)
    project = harness.project(one, tall, two, look=look)
    first = harness.ordered(project)

    assert harness.carried(first) == [2, 5], "a card and a foreign clip, then joints and fades"
    retitled = replace(project, title="The same pictures", version=project.version + 1)
    harness.clips.projects.save(retitled)
    assert harness.carried(harness.ordered(retitled)) == []
    shorter = replace(
        retitled, shots=(project.shots[0], project.shots[2]), version=retitled.version + 1
    )
    harness.clips.projects.save(shorter)
    assert harness.carried(harness.ordered(shorter)) == [1], "one joint is new"
    elsewhere = harness.project(one, two, look=look)
    assert harness.carried(harness.ordered(elsewhere)) == [1, 4], "each project keeps its own"
    done = harness.now(first)
    assert done.media is not None
    card = 3 * FPS + JOINT_FRAMES
    assert done.media.frames == card + 3 * FRAMES - 3 * JOINT_FRAMES


def test_a_film_whose_music_was_deleted_says_so(
    harness: RendererHarness, masters: dict[str, Path]
) -> None:
    """One's own music may go between order and joining: no film without it, and no riddle."""
    piece = ready_music(owner_id=harness.owner)
    harness.library.add(piece, library=Library())
    film = harness.film(harness.clip_of(masters["one"]), look=Look(music_track_id=piece.music_id))
    assert harness.plan(ref(film)).batches == []

    answer = join(
        {"film": {"owner_id": film.owner_id, "film_id": film.film_id}},
        join_film=harness.join,
    )

    assert (answer["state"], answer["error_code"]) == ("failed", "music_gone")
    assert not any(key.startswith(film.prefix) for key in harness.media.files)


def test_music_that_is_deleted_while_a_film_is_joined_is_named(
    harness: RendererHarness, masters: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only before: the answer says what to do, and nothing of the film stays."""
    track = harness.music()
    film = harness.film(harness.clip_of(masters["one"]), look=Look(music_track_id=track))
    key = TRACKS[0].key
    begin = harness.ranged.begin

    def late(film_key: str, *, content_type: str) -> InMemoryMultipartUpload:
        del harness.media.files[key]
        return begin(film_key, content_type=content_type)

    monkeypatch.setattr(harness.ranged, "begin", late)
    answer = join(
        {"film": {"owner_id": film.owner_id, "film_id": film.film_id}},
        join_film=harness.join,
    )

    assert key not in harness.media.files
    assert (answer["state"], answer["error_code"]) == ("failed", "music_gone")
    assert not any(key.startswith(film.prefix) for key in harness.media.files)


def test_two_foreign_clips_may_be_one_and_the_same(
    harness: RendererHarness, masters: dict[str, Path], tmp_path: Path
) -> None:
    """One photo, ordered twice, may come back in the same bytes: normalised once, seen twice."""
    twin = Path(shutil.copy(masters["tall"], tmp_path / "twin.mp4"))
    clips = [harness.clip_of(path) for path in (masters["one"], masters["tall"], twin)]
    film = harness.film(*clips, look=Look())

    assert harness.carried(film) == [1]

    done = harness.now(film)
    assert done.media is not None
    assert done.media.frames == 3 * FRAMES


def test_segments_of_another_encoding_are_not_taken_for_ours(
    harness: RendererHarness, masters: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An encoder may be exchanged between two films of a project: what cannot be joined is made."""
    one, tall = (harness.clip_of(masters[name]) for name in ("one", "tall"))
    look = Look(title_card="Summer", ratio=Ratio.SQUARE)
    project = harness.project(one, tall, look=look)
    assert harness.carried(harness.ordered(project)) == [2]

    def others(width: int, height: int, **named: int) -> dict[str, str]:
        options = master_options(width, height, **named)
        return options | {"x264-params": options["x264-params"].replace("ref=2", "ref=3")}

    monkeypatch.setattr("echoes.adapters.video.profile.master_options", others)
    film_signature.cache_clear()
    try:
        retitled = replace(project, title="The same pictures", version=project.version + 1)
        harness.clips.projects.save(retitled)
        assert harness.carried(harness.ordered(retitled)) == [3], (
            "the clip that was ours is foreign now"
        )
    finally:
        film_signature.cache_clear()


def test_a_film_under_way_survives_that_cards_come_to_last_otherwise(
    harness: RendererHarness, masters: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new version arrives between two steps: joining makes what it misses, nothing fails."""
    one, two = (harness.clip_of(masters[name]) for name in ("one", "two"))
    look = Look(
        transition=Transition.CROSS_FADE, title_card="Summer", music_track_id=harness.music()
    )
    film = harness.film(one, two, look=look)
    with monkeypatch.context() as before:
        before.setattr(specification, "card_frames", lambda *_: 3 * FPS)
        while (work := harness.plan(ref(film))).batches:
            for batch in work.batches:
                harness.render(ref(film), batch, total=work.total)

    harness.join(ref(film))
    harness.settle(ref(film))

    done = harness.now(film)
    assert done.status is FilmStatus.COMPLETED
    assert done.media is not None
    assert done.media.frames == 4 * 18 + 2 * FRAMES - JOINT_FRAMES


def test_segments_lie_with_their_project_and_pass(
    harness: RendererHarness, masters: dict[str, Path]
) -> None:
    """PF5: they go with the project, and by themselves after a week; the film itself stays."""
    one, tall = (harness.clip_of(masters[name]) for name in ("one", "tall"))
    film = harness.film(one, tall, look=Look(transition=Transition.DIP, title_card="Us"))
    before = set(harness.media.files)
    harness.carried(film)
    made = {key: harness.media.files[key].passing for key in set(harness.media.files) - before}
    segments = segments_prefix(film.owner_id, film.project_id)
    assert {key for key, passing in made.items() if passing} == {
        key for key in made if key.startswith(segments)
    }
    assert len([key for key in made if key.startswith(segments)]) == 6
    assert all(key.startswith(project_prefix(film.owner_id, film.project_id)) for key in made)


@pytest.mark.parametrize("when", ["before encoding joints", "before joining", "while joining"])
def test_segments_that_pass_meanwhile_break_no_film(
    harness: RendererHarness, masters: dict[str, Path], when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Foreign clips, cards and joints are made again wherever they are missed."""
    one, tall = (harness.clip_of(masters[name]) for name in ("one", "tall"))
    film = harness.film(one, tall, look=Look(transition=Transition.CROSS_FADE, title_card="Us"))
    work = harness.plan(ref(film))
    for batch in work.batches:
        harness.render(ref(film), batch, total=work.total)
    joints = harness.plan(ref(film))
    if when == "before encoding joints":
        harness.media.let_week_pass()
    for batch in joints.batches:
        harness.render(ref(film), batch, total=joints.total)
    if when == "before joining":
        harness.media.let_week_pass()
    if when == "while joining":
        begin = harness.ranged.begin

        def late(key: str, *, content_type: str) -> InMemoryMultipartUpload:
            harness.media.let_week_pass()
            monkeypatch.undo()
            return begin(key, content_type=content_type)

        monkeypatch.setattr(harness.ranged, "begin", late)
        with pytest.raises(Unavailable):
            harness.join(ref(film))

    harness.join(ref(film))

    done = harness.settle(ref(film)).film
    assert done.status is FilmStatus.COMPLETED
    assert done.media is not None
    card = 3 * FPS + JOINT_FRAMES
    assert done.media.frames == card + 2 * FRAMES - 2 * JOINT_FRAMES


@pytest.mark.parametrize(
    "harm",
    [
        lambda whole: whole[:0],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:4] * 999,
    ],
    ids=["empty", "truncated", "no video"],
)
def test_a_broken_clip_is_refused_before_anything_is_shown(
    harness: RendererHarness, masters: dict[str, Path], harm: Callable[[bytes], bytes]
) -> None:
    """A clear error, never a wrong film; what went up is taken back."""
    clip = harness.clip_of(masters["one"])
    film = harness.film(clip, look=Look())
    key = film.clips[0].master_key
    harmed = harm(harness.media.files[key].content)
    harness.media.write(key, harmed, content_type="video/mp4")

    with pytest.raises(FootageRefused):
        harness.join(ref(film))

    assert harness.ranged.aborted == [f"{film.prefix}film.mp4"]
    assert f"{film.prefix}film.mp4" not in harness.media.files


def test_a_film_that_was_written_wrongly_is_not_completed(
    harness: RendererHarness, masters: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happened on the way to the store, what lies there is decoded before it is shown."""
    film = harness.film(harness.clip_of(masters["one"]), look=Look())
    write = harness.media.write

    def bent(key: str, content: bytes | Path, *, content_type: str, passing: bool = False) -> None:
        if key.endswith("film.mp4") and isinstance(content, bytes):
            content = content[:-200] + bytes(200)
        write(key, content, content_type=content_type, passing=passing)

    monkeypatch.setattr(harness.media, "write", bent)
    with pytest.raises(FilmUnsound):
        harness.join(ref(film))
    assert harness.settle(ref(film)).film.status is FilmStatus.FAILED
