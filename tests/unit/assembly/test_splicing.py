"""Joining without decoding: every frame comes out as it went in, and players find it at once."""

import random
import tracemalloc
from dataclasses import replace
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from echoes.adapters.video.assembly import splice
from echoes.adapters.video.assembly.index import media_header
from echoes.adapters.video.assembly.sound import film_sound, read_music
from echoes.adapters.video.assembly.streams import (
    BytesSink,
    BytesSource,
    FileSource,
    PartedSink,
)
from echoes.adapters.video.assembly.tables import FootageUnusable, read_table
from echoes.adapters.video.assembly.verify import verify_film
from echoes.adapters.video.boxes import stream_signature
from echoes.domain.assembly.planning import plan_film
from echoes.domain.assembly.render_plan import Copy
from echoes.domain.assembly.transitions import Transition
from tests.support import footage
from tests.support.footage import HEIGHT, WIDTH, Cutting, pictures_of, prints
from tests.support.masters import starts_at_once


def test_every_frame_of_a_hard_cut_film_is_the_masters_frame(room: Cutting) -> None:
    """Nothing is encoded again: all frames have the masters' hashes, in order, 1/24 s apart."""
    path, made = room.assemble(room.plan())
    frames = pictures_of(path)
    expected = [
        one for master in room.masters for one in prints(pictures_of(room.files[master.handle]))
    ]
    assert prints(frames) == expected
    assert [frame.pts for frame in frames] == list(range(0, 512 * len(frames), 512))
    assert made.rendered.encoded_frames == 0
    assert (made.frames, made.size) == (len(frames), path.stat().st_size)


def test_a_film_plays_before_it_has_arrived(room: Cutting) -> None:
    """The index stands before the media, and sound beside the pictures of the same second."""
    path, _ = room.assemble(room.plan())
    assert starts_at_once(path)
    with av.open(str(path)) as container:
        packets = [
            (packet.pos, float(packet.dts * packet.time_base))
            for packet in container.demux()
            if packet.dts is not None and packet.pos is not None
        ]
    last = 0.0
    for _, at in sorted(packets):
        assert at > last - 1.6
        last = max(last, at)


def test_the_signature_of_a_film_is_that_of_its_clips(room: Cutting) -> None:
    """So that a film can itself be joined: long films are split and joined."""
    path, _ = room.assemble(room.plan())
    assert stream_signature(path) == room.masters[0].signature


def test_the_same_plan_gives_the_same_bytes(room: Cutting) -> None:
    """A retried assembly cannot give another film."""
    plan = room.plan(transition=Transition.CROSS_FADE)
    first, _ = room.assemble(plan, "first.mp4")
    second, _ = room.assemble(plan, "second.mp4")
    assert first.read_bytes() == second.read_bytes()


class Store:
    """An object in a store: it counts what is asked of it."""

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()
        self.size = len(self.content)
        self.asked: list[tuple[int, int]] = []

    def read(self, offset: int, length: int) -> bytes:
        self.asked.append((offset, length))
        return self.content[offset : offset + length]


def test_a_film_made_from_a_store_into_a_store_is_the_same(room: Cutting) -> None:
    """Ranged reads and parts give the file's bytes; each clip costs its index and its frames."""
    plan = room.plan()
    path, _ = room.assemble(plan)
    parts: dict[int, bytes] = {}
    stores = {handle: Store(file) for handle, file in room.files.items()}
    sink = PartedSink(parts.__setitem__, part_bytes=20_000)
    takes = [
        splice.Take(table=read_table(stores[master.handle]), first=0, frames=master.frames)
        for master in room.masters
    ]
    assert plan.sound is not None
    sound = film_sound(
        read_music(stores["music"]),
        frames=plan.sound.frames,
        fade_in_frames=0,
        fade_out_frames=plan.sound.fade_out_frames,
    )
    splice.splice(takes, sink, width=WIDTH, height=HEIGHT, sound=sound)
    sink.close()
    assert b"".join(parts[number] for number in sorted(parts)) == path.read_bytes()
    assert {len(parts[number]) for number in sorted(parts)[:-1]} == {20_000}
    for master in room.masters:
        asked = stores[master.handle].asked
        assert len(asked) == 2
        assert sum(length for _, length in asked) < stores[master.handle].size + 2**15


def test_a_part_that_does_not_arrive_stops_the_film(room: Cutting) -> None:
    """An upload that fails is an error where it is waited for, not a film with a hole."""

    def send(number: int, content: bytes) -> None:
        if number == 2:
            raise ConnectionError(f"{len(content)} bytes lost")

    sink = PartedSink(send, part_bytes=10_000)
    table = read_table(FileSource(room.files["clip0"]))
    takes = [splice.Take(table=table, first=0, frames=48)] * 4

    def upload() -> None:
        splice.splice(takes, sink, width=WIDTH, height=HEIGHT)
        sink.close()

    with pytest.raises(ConnectionError):
        upload()
    sink.abort()


def test_a_store_that_breaks_off_stops_the_film(room: Cutting) -> None:
    """A range that comes back short is an error, never a shorter film."""
    store = Store(room.files["clip0"])
    table = read_table(store)
    store.content = store.content[:-100]
    with pytest.raises(EOFError):
        splice.splice(
            [splice.Take(table=table, first=0, frames=48)],
            BytesSink(),
            width=WIDTH,
            height=HEIGHT,
        )


@pytest.mark.parametrize(("first", "frames"), [(1, 47), (0, 30), (12, 10), (40, 20), (5, 0)])
def test_a_run_that_cannot_stand_alone_is_refused(room: Cutting, first: int, frames: int) -> None:
    """A cut where decoding cannot begin would show grey blocks: it is an error instead."""
    table = read_table(FileSource(room.files["clip0"]))
    with pytest.raises(FootageUnusable) as refused:
        splice.check_take(splice.Take(table=table, first=first, frames=frames))
    assert refused.value.reason in {"not_cuttable", "no_such_frames"}


def test_a_file_beyond_four_gigabytes_gets_wide_numbers() -> None:
    """The media's header has 64 bits where 32 do not suffice."""
    assert media_header(2**32).startswith(b"\0\0\0\1mdat")
    assert len(media_header(2**32)) == 16
    assert media_header(100) == b"\0\0\0\x6cmdat"


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**16))
def test_random_films_are_right(room: Cutting, seed: int) -> None:
    """Any order of clips and transitions gives a film that holds what its plan says."""
    chance = random.Random(seed)
    items = chance.choices(room.masters, k=chance.randint(1, 5))
    plan = plan_film(
        footage.spec(
            room,
            items,
            tuple(chance.choice(list(Transition)) for _ in items[1:]),
            music=chance.random() < 0.7,
        )
    )
    path, _ = room.assemble(plan)
    report = verify_film(FileSource(path), plan)
    assert not report.findings
    frames = prints(pictures_of(path))
    at = 0
    for segment in plan.segments:
        if isinstance(segment, Copy):
            original = prints(pictures_of(room.files[f"clip{room.masters.index(segment.footage)}"]))
            run = original[segment.first : segment.first + segment.frames]
            assert frames[at : at + segment.frames] == run
        at += segment.frames


def test_nothing_is_read_of_an_empty_source() -> None:
    """A file of no bytes is refused before anything else."""
    with pytest.raises(FootageUnusable, match="empty"):
        read_table(BytesSource(b""))


class Endless:
    """A clip of a store, as large as one of 1080p, that nobody keeps in memory."""

    def __init__(self, size: int) -> None:
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        return bytes(max(0, min(length, self.size - offset)))


def peak_bytes(room: Cutting, clips: int) -> int:
    """Answer the most memory in use while so many clips go from a store into a store."""
    small = read_table(FileSource(room.files["clip0"]))
    frame = 60_000  # 11.5 Mbit/s
    table = replace(
        small,
        source=Endless(small.samples * frame),
        sizes=[frame] * small.samples,
        offsets=[place * frame for place in range(small.samples)],
    )
    arrived = 0

    def send(number: int, content: bytes) -> None:
        nonlocal arrived
        arrived += len(content) if number else 0

    tracemalloc.start()
    sink = PartedSink(send)
    takes = [splice.Take(table=table, first=0, frames=small.samples)] * clips
    made = splice.splice(takes, sink, width=WIDTH, height=HEIGHT)
    sink.close()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert arrived == made.size
    return peak


def test_memory_does_not_grow_with_the_film(room: Cutting) -> None:
    """Fifty clips, 144 MB, pass through a few parts and blocks, and leave only their tables."""
    assert peak_bytes(room, 50) < 80 * 2**20


class Beginning:
    """Keeps the first megabyte of what it is given, and counts the rest; zeros as a source."""

    def __init__(self) -> None:
        self.kept = b""
        self.size = 0

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self.kept += data[: 2**20 - len(self.kept)]
        self.size += len(data)

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on; fewer only at the end."""
        length = max(0, min(length, self.size - offset))
        known = self.kept[offset : offset + length]
        return known + bytes(length - len(known))


def test_a_film_beyond_four_gigabytes_is_found_again(room: Cutting) -> None:
    """Where 32 bits do not suffice, the places of frames have 64, and each is right."""
    frame = 900_000
    large = replace(
        read_table(FileSource(room.files["clip0"])),
        source=Endless(2**40),
        sizes=[frame] * 48,
        offsets=[place * frame for place in range(48)],
    )
    film = Beginning()
    takes = [splice.Take(table=large, first=0, frames=48)] * 100
    spliced = splice.splice(takes, film, width=WIDTH, height=HEIGHT)

    table = read_table(film)
    assert film.size == spliced.size > 2**32
    assert table.samples == 48 * 100
    first = table.offsets[0]
    assert first + sum(table.sizes) == film.size
    assert all(place == first + frame * index for index, place in enumerate(table.offsets))
