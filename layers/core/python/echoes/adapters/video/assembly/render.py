"""
From a plan to a film: encodes what is missing, then joins.

What was encoded is kept by its key. A second run, after a crash or after one change, encodes only
what it does not find; a segment that is encoded twice has the same bytes.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from echoes.adapters.video.assembly.cards import write_card
from echoes.adapters.video.assembly.joints import write_fade, write_joint
from echoes.adapters.video.assembly.sound import Music, film_sound, read_music
from echoes.adapters.video.assembly.splice import Packets, Take, check_take, splice
from echoes.adapters.video.assembly.streams import Sink, Source
from echoes.adapters.video.assembly.tables import FootageUnusable, Table, read_table
from echoes.adapters.video.boxes import stream_signature
from echoes.domain.assembly.render_plan import (
    Copy,
    Encoded,
    Fade,
    Joint,
    Master,
    RenderPlan,
    Segment,
    Sound,
    TitleCard,
    pieces_of,
)

READERS: Final = 8
"""Indexes are read so many at a time: each is one small request to a store."""

_Encodable = TitleCard | Encoded

JOIN_SHARE: Final = 0.1
"""Of the progress, where something has to be encoded as well."""


class SegmentFolder(Protocol):
    """Where the encoded segments of a film are kept, by key."""

    def find(self, key: str) -> Source | None:
        """Return what is kept under *key*, if anything is."""
        ...

    def keep(self, key: str, path: Path) -> Source:
        """Keep the file, which may be moved away, and return what is now under *key*."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What had to be encoded, and how many segments were found."""

    encoded: tuple[str, ...]
    encoded_frames: int
    reused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembledFilm:
    """What was written and what it took."""

    size: int
    frames: int
    rendered: Rendered


class FilmAssembler:
    """
    Makes films from masters and tracks (*sources*, by handle) and kept *segments*.

    Lives as long as one assembly: it remembers every index it read. Scratch files are at most one
    segment a worker. *on_progress* receives shares from 0 to 1, in order, from the calling
    thread; what it raises stops the work.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        segments: SegmentFolder,
        *,
        scratch: Path | None = None,
        workers: int | None = None,
    ) -> None:
        self._sources = sources
        self._segments = segments
        self._scratch = scratch
        self._workers = workers or os.cpu_count() or 1
        self._tables: dict[str, Table] = {}

    def assemble(
        self,
        plan: RenderPlan,
        sink: Sink,
        *,
        on_progress: Callable[[float], None] | None = None,
    ) -> AssembledFilm:
        """
        Write the film of *plan*; repeatable, with identical bytes.

        Raises FootageUnusable, with the handle of what is to blame, before anything is written.
        """
        report = on_progress or _ignore_progress
        with ThreadPoolExecutor(max_workers=1) as beside:
            music = beside.submit(self._music, plan.sound)
            rendered = self.render(plan, on_progress=lambda share: report(share * (1 - JOIN_SHARE)))
            takes = [self._take(segment) for segment in plan.segments]
            start = 1 - JOIN_SHARE if rendered.encoded else 0.0
            spliced = splice(
                takes,
                sink,
                width=plan.width,
                height=plan.height,
                sound=_encode_sound(music.result(), plan.sound, beside),
                on_progress=lambda done, total: report(start + (1 - start) * done / total),
            )
        return AssembledFilm(size=spliced.size, frames=spliced.frames, rendered=rendered)

    def render(
        self, plan: RenderPlan, *, on_progress: Callable[[float], None] | None = None
    ) -> Rendered:
        """Encode what is not kept yet: cards first, because joints and fades show them."""
        self._read(plan)
        cards: list[_Encodable] = [card for card in plan.cards if not self._is_kept(card.key)]
        others: list[_Encodable] = [item for item in plan.encoded if not self._is_kept(item.key)]
        total = sum(item.frames for item in (*cards, *others))
        done = 0
        for batch in (cards, others):
            for frames in self._encode_all(batch, plan):
                done += frames
                if on_progress is not None:
                    on_progress(done / total)
        return Rendered(
            encoded=tuple(item.key for item in (*cards, *others)),
            encoded_frames=total,
            reused=len(plan.cards) + len(plan.encoded) - len(cards) - len(others),
        )

    def encode(self, item: _Encodable, plan: RenderPlan) -> int:
        """Encode one card, joint or fade, keep it, and return its frames."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as directory:
            path = Path(directory) / "segment.mp4"
            if isinstance(item, TitleCard):
                frames = write_card(item, path)
            else:
                frames = self._encode_joint(item, plan, path)
            if stream_signature(path) != plan.signature:
                raise FootageUnusable("foreign", handle=item.key)
            self._tables[item.key] = read_table(self._segments.keep(item.key, path))
        return frames

    def _encode_joint(self, item: Encoded, plan: RenderPlan, path: Path) -> int:
        takes = [self._take(piece) for piece in pieces_of(item)]
        width, height = plan.width, plan.height
        with _blaming(" or ".join(map(_name, pieces_of(item)))):
            match item:
                case Joint(kind=kind):
                    before, after = takes
                    return write_joint(kind, before, after, path, width=width, height=height)
                case Fade(direction=direction):
                    (take,) = takes
                    return write_fade(direction, take, path, width=width, height=height)

    def _read(self, plan: RenderPlan) -> None:
        """Read the indexes of all masters, several at a time."""
        with ThreadPoolExecutor(max_workers=READERS) as pool:
            tables = pool.map(lambda master: _read_master(self._sources, master), plan.masters)
            for master, table in zip(plan.masters, tables, strict=True):
                self._tables[master.key] = table

    def _encode_all(self, batch: list[_Encodable], plan: RenderPlan) -> Iterator[int]:
        with ThreadPoolExecutor(max_workers=self._workers) as pool:
            pending = [pool.submit(self.encode, item, plan) for item in batch]
            try:
                for future in as_completed(pending):
                    yield future.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _is_kept(self, key: str) -> bool:
        if key not in self._tables:
            source = self._segments.find(key)
            if source is None:
                return False
            self._tables[key] = read_table(source)
        return True

    def _take(self, segment: Segment) -> Take:
        if not isinstance(segment, Copy):
            return Take(table=self._tables[segment.key], first=0, frames=segment.frames)
        footage = segment.footage
        take = Take(table=self._tables[footage.key], first=segment.first, frames=segment.frames)
        with _blaming(_name(segment)):
            check_take(take)
        return take

    def _music(self, sound: Sound | None) -> Music | None:
        if sound is None:
            return None
        with _blaming(sound.track.handle):
            return read_music(self._sources[sound.track.handle])


def _encode_sound(music: Music | None, sound: Sound | None, beside: Executor) -> Packets | None:
    if music is None or sound is None:
        return None
    handle = sound.track.handle
    with _blaming(handle):
        packets = film_sound(
            music,
            frames=sound.frames,
            fade_in_frames=sound.fade_in_frames,
            fade_out_frames=sound.fade_out_frames,
            gain_db=sound.gain_db,
            beside=beside,
        )
    return replace(
        packets, late=partial(_read_late, packets.late, handle) if packets.late else None
    )


def _read_late(packets: Callable[[], Sequence[bytes]], handle: str) -> Sequence[bytes]:
    with _blaming(handle):
        return packets()


@contextmanager
def _blaming(handle: str) -> Iterator[None]:
    """Name the file that is to blame, where that is not known yet."""
    try:
        yield
    except FootageUnusable as error:
        raise FootageUnusable(error.reason, handle=error.handle or handle) from error


def _read_master(sources: Mapping[str, Source], master: Master) -> Table:
    with _blaming(master.handle):
        table = read_table(sources[master.handle])
    if table.signature != master.signature:
        raise FootageUnusable("foreign", handle=master.handle)
    if table.samples != master.frames:
        raise FootageUnusable("no_such_frames", handle=master.handle)
    return table


def _name(piece: Copy) -> str:
    return piece.footage.handle if isinstance(piece.footage, Master) else piece.footage.key


def _ignore_progress(share: float) -> None:
    """Ignore progress reports."""
