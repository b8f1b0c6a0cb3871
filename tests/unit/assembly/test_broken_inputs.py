"""Whatever is put in: a right film or a clear error, never a wrong film."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest
from PIL import Image

from echoes.adapters.video.assembly.normalise import normalise_clip
from echoes.adapters.video.assembly.signature import film_signature
from echoes.adapters.video.assembly.streams import BytesSource, FileSource
from echoes.adapters.video.assembly.tables import FootageUnusable, read_table
from echoes.adapters.video.assembly.verify import Fault, verify_film
from echoes.domain.assembly.planning import ForeignMasters, plan_film
from echoes.domain.assembly.render_plan import FilmSpec, Master
from echoes.domain.assembly.transitions import Transition
from tests.support import footage
from tests.support.footage import HEIGHT, WIDTH, Cutting, pictures_of
from tests.support.specimens import write_clip


def film_of(room: Cutting, *masters: Master) -> FilmSpec:
    return footage.spec(room, masters, (Transition.CROSS_FADE,) * (len(masters) - 1))


@pytest.mark.parametrize("kind", Transition)
@pytest.mark.parametrize("share", [0.5, 0.9, 0.995])
def test_a_truncated_clip_is_named(room: Cutting, share: float, kind: Transition) -> None:
    """The bytes that its index speaks of are not there: nothing is written."""
    cut = room.directory / "cut.mp4"
    content = room.files["clip1"].read_bytes()
    cut.write_bytes(content[: int(len(content) * share)])
    room.files["clip1"] = cut
    with pytest.raises(FootageUnusable) as refused:
        room.assemble(room.plan(transition=kind))
    assert (refused.value.reason, refused.value.handle) == ("truncated", "clip1")
    assert (room.directory / "film.mp4").stat().st_size == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\0" * 50_000, "unreadable"),
        (b"\0\0\0\x08free" * 100, "unreadable"),
        (b"\0\0\0\x10ftypisom\0\0\0\0\xff\xff\xff\xffmoov", "unreadable"),
    ],
)
def test_what_is_no_clip_is_named(room: Cutting, content: bytes, reason: str) -> None:
    """An empty object or something else in the place of a clip."""
    other = room.directory / "other.mp4"
    other.write_bytes(content)
    room.files["clip2"] = other
    with pytest.raises(FootageUnusable) as refused:
        room.assemble(room.plan())
    assert (refused.value.reason, refused.value.handle) == (reason, "clip2")


def test_damaged_indexes_never_end_in_another_error(room: Cutting) -> None:
    """Any byte of an index may be wrong: the table is read, or the file is refused."""
    content = bytearray(room.files["clip0"].read_bytes())
    start = content.index(b"moov")
    end = content.index(b"mdat")
    for place in range(start, end, 3):
        for value in (0, 0x7F, 0xFF):
            before, content[place] = content[place], value
            try:
                table = read_table(BytesSource(bytes(content)))
            except FootageUnusable:
                pass
            else:
                assert max(map(int.__add__, table.offsets, table.sizes)) <= len(content)
            content[place] = before


def test_a_master_that_was_replaced_is_noticed(room: Cutting) -> None:
    """The plan speaks of 48 frames; another file under the same name is not used."""
    longer = footage.master(room.directory / "longer.mp4", seed=9, frames=60)
    room.files["clip0"] = longer
    with pytest.raises(FootageUnusable) as refused:
        room.assemble(room.plan())
    assert (refused.value.reason, refused.value.handle) == ("no_such_frames", "clip0")


def squares(width: int, height: int, frames: int) -> list[Image.Image]:
    pictures = [footage.picture(7, index) for index in range(frames)]
    return [picture.resize((width, height)) for picture in pictures]


@pytest.mark.parametrize(
    ("size", "rate", "codec", "frames", "sound"),
    [
        ((108, 192), 24, "libx264", 48, False),
        ((192, 108), 60, "libx264", 120, False),
        ((192, 108), 24, "mpeg4", 48, False),
        ((320, 180), 30, "libx265", 60, False),
        ((160, 120), 25, "libx264", 50, False),
        ((192, 108), 24, "libx264", 48, True),
    ],
    ids=[
        "9:16 among 16:9",
        "60 fps among 24",
        "other codec",
        "other codec, size and rate",
        "4:3 and 25 fps",
        "sound among clips without",
    ],
)
def test_a_foreign_clip_is_normalised_once_and_then_joined(
    room: Cutting, size: tuple[int, int], rate: int, codec: str, frames: int, *, sound: bool
) -> None:
    """Other shapes, rates, codecs: refused as they are, and two seconds of film afterwards."""
    source = write_clip(
        room.directory / "foreign.mp4",
        frames=squares(*size, frames),
        rate=rate,
        codec=codec,
        sound=sound,
    )
    foreign = replace(room.masters[1], handle="foreign", signature="theirs")
    with pytest.raises(ForeignMasters) as refused:
        plan_film(film_of(room, room.masters[0], foreign, room.masters[2]))
    assert refused.value.handles == ("foreign",)
    target = room.directory / "ours.mp4"
    normalised = normalise_clip(source, target, handle="foreign", width=WIDTH, height=HEIGHT)
    assert normalised.signature == film_signature(WIDTH, HEIGHT)
    assert abs(normalised.frames - 48) <= 1
    room.files["foreign"] = target
    plan = plan_film(film_of(room, room.masters[0], normalised, room.masters[2]))
    path, made = room.assemble(plan)
    report = verify_film(FileSource(path), plan)
    assert not report.findings
    assert made.frames == 48 + normalised.frames + 48 - 24
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda whole: whole[: len(whole) // 2], {"corrupt", "truncated"}),
        (lambda whole: whole[:-200], {"corrupt", "truncated"}),
        (lambda whole: whole[:0], {"empty"}),
        (lambda whole: whole.replace(b"vide", b"soun"), {"corrupt", "no_video"}),
        (lambda whole: b"%PDF-1.7" + whole, {"unsupported_format", "not_a_video"}),
    ],
    ids=["truncated", "truncated at the end", "zero length", "no pictures", "no video at all"],
)
def test_a_broken_foreign_clip_is_refused_by_name(
    room: Cutting, harm: Callable[[bytes], bytes], reason: set[str]
) -> None:
    """Nothing is made of half a clip: the error says which and why, and leaves nothing behind."""
    source = write_clip(room.directory / "foreign.mp4", frames=squares(160, 120, 50), rate=25)
    source.write_bytes(harm(source.read_bytes()))
    target = room.directory / "ours.mp4"
    with pytest.raises(FootageUnusable) as refused:
        normalise_clip(source, target, handle="foreign", width=WIDTH, height=HEIGHT)
    assert refused.value.reason in reason
    assert refused.value.handle == "foreign"
    assert not target.exists()


def test_a_film_without_its_music_is_no_film(room: Cutting) -> None:
    """Missing audio: an empty track is an error before anything is written."""
    silent = room.directory / "silent.m4a"
    silent.write_bytes(b"")
    room.files["music"] = silent
    with pytest.raises(FootageUnusable) as refused:
        room.assemble(room.plan())
    assert (refused.value.reason, refused.value.handle) == ("empty", "music")
    assert (room.directory / "film.mp4").stat().st_size == 0


def test_a_foreign_clip_is_not_taken_for_ours(room: Cutting) -> None:
    """Even where the books are wrong: the file's own index decides."""
    other = write_clip(room.directory / "other.mp4", frames=squares(WIDTH, HEIGHT, 48))
    room.files["clip1"] = other
    with pytest.raises(FootageUnusable) as refused:
        room.assemble(room.plan())
    assert refused.value.handle == "clip1"
    assert refused.value.reason in {"foreign", "unreadable"}


@pytest.mark.parametrize("frames", [1, 11])
def test_a_moment_is_no_clip(room: Cutting, frames: int) -> None:
    """Less than half a second is refused, and leaves nothing behind."""
    source = write_clip(room.directory / "short.mp4", frames=squares(WIDTH, HEIGHT, frames))
    target = room.directory / "ours.mp4"
    with pytest.raises(FootageUnusable, match="too_short"):
        normalise_clip(source, target, handle="short", width=WIDTH, height=HEIGHT)
    assert not target.exists()


def test_damaged_pictures_are_found_where_they_are_decoded(room: Cutting) -> None:
    """A joint over damaged frames is an error; copied ones are found before the film counts."""
    broken = room.directory / "broken.mp4"
    content = bytearray(room.files["clip1"].read_bytes())
    table = read_table(BytesSource(bytes(content)))
    for sample in range(36, 48):
        start = table.offsets[sample] + 4
        content[start : start + table.sizes[sample] - 4] = b"\x00" * (table.sizes[sample] - 4)
    broken.write_bytes(content)
    room.files["clip1"] = broken
    with pytest.raises(FootageUnusable):
        room.assemble(room.plan(transition=Transition.CROSS_FADE))
    plan = room.plan()
    path, _ = room.assemble(plan)
    faults = {finding.fault for finding in verify_film(FileSource(path), plan).findings}
    assert faults & {Fault.UNDECODABLE, Fault.WRONG_FRAME_COUNT}


def test_verification_finds_what_is_wrong_with_a_film(room: Cutting) -> None:
    """Late index, missing music, other length, other size, cut file: each has its name."""
    plan = room.plan()
    path, _ = room.assemble(plan)
    shorter = room.plan(room.masters[:5])
    assert Fault.WRONG_FRAME_COUNT in faults_of(path, shorter)
    assert Fault.SOUND_OFF_AT_END not in faults_of(path, plan)
    assert Fault.UNWANTED_SOUND in faults_of(path, room.plan(music=False))
    silent, _ = room.assemble(room.plan(music=False), "silent.mp4")
    assert Fault.NO_SOUND in faults_of(silent, plan)
    assert Fault.WRONG_SIZE in faults_of(path, replace(plan, width=96))
    late = room.directory / "late.mp4"
    with av.open(str(path)) as source, av.open(str(late), "w") as target:
        streams = {
            stream.index: target.add_stream_from_template(stream) for stream in source.streams
        }
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    assert Fault.INDEX_BEHIND_MEDIA in faults_of(late, plan)
    cut = room.directory / "cut.mp4"
    cut.write_bytes(path.read_bytes()[:-5000])
    assert faults_of(cut, plan)
    cut.write_bytes(b"")
    assert Fault.UNREADABLE in faults_of(cut, plan)


def test_sound_that_ends_early_or_pictures_that_stutter_are_found(room: Cutting) -> None:
    """The numbers of the index are not believed: what is decoded counts."""
    plan = room.plan()
    path, _ = room.assemble(plan)
    content = path.read_bytes()
    stts = content.index(b"stts")  # of the pictures: one run of 512 ticks
    slower = bytearray(content)
    slower[stts + 12 : stts + 20] = (600).to_bytes(8, "big")
    (room.directory / "slow.mp4").write_bytes(slower)
    assert faults_of(room.directory / "slow.mp4", plan)
    assert len(pictures_of(path)) == plan.frames


def faults_of(path: Path, plan: object) -> set[Fault]:
    report = verify_film(FileSource(path), plan)  # type: ignore[arg-type]  # a plan, as told
    return {finding.fault for finding in report.findings}
