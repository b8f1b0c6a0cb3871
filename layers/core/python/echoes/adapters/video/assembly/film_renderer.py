"""The port `FilmRenderer`: films of what lies in a store, without the whole of anything at hand."""

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from echoes.adapters.video.assembly.cards import write_card
from echoes.adapters.video.assembly.normalise import normalise_clip
from echoes.adapters.video.assembly.render import AssembledFilm, FilmAssembler, film_signature
from echoes.adapters.video.assembly.stills import film_poster, film_preview
from echoes.adapters.video.assembly.streams import PART_BYTES, PartedSink, Sink, Source
from echoes.adapters.video.assembly.tables import FootageUnusable, read_table
from echoes.adapters.video.assembly.verify import verify_film
from echoes.application.ports.films import Missing, RangedMedia
from echoes.application.ports.media import MediaStore
from echoes.domain.assembly.planning import foreign_masters, plan_film
from echoes.domain.assembly.render_plan import (
    FilmSpec,
    Master,
    RenderPlan,
    TitleCard,
    Transition,
    normalised_key,
)
from echoes.domain.errors import FilmUnsound, FootageRefused, MusicGone, NotFound, Unavailable
from echoes.domain.films.film import Film, FilmMedia, segments_prefix
from echoes.domain.films.specification import spec_of

VIDEO: Final = "video/mp4"
WRITTEN: Final = 0.75
"""Of joining, when the file is written and has to be verified."""

VERIFIED: Final = 0.95


class StoredSource:
    """A file in a store; its size is asked for once."""

    def __init__(self, media: RangedMedia, key: str, *, size: int | None = None) -> None:
        self._media = media
        self._key = key
        self._known = size

    @cached_property
    def size(self) -> int:
        """The number of bytes."""
        return self._media.size(self._key) if self._known is None else self._known

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on; fewer only at the end."""
        wanted = min(length, self.size - offset)
        return self._media.read(self._key, offset, wanted) if wanted > 0 else b""


class PassingSource(StoredSource):
    """A segment: when it has gone meanwhile, `Unavailable` says that the step is to be repeated."""

    @cached_property
    def size(self) -> int:
        """The number of bytes."""
        with _passing():
            return super().size

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on; fewer only at the end."""
        with _passing():
            return super().read(offset, length)


class MusicSource(StoredSource):
    """The music of a film: its owner may delete it at any moment, and then it is `MusicGone`."""

    @cached_property
    def size(self) -> int:
        """The number of bytes."""
        with _leaving():
            return super().size

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on; fewer only at the end."""
        with _leaving():
            return super().read(offset, length)


class StoredSegments:
    """Segments below a prefix of a store, each for a week: what is gone is made again."""

    def __init__(self, ranged: RangedMedia, media: MediaStore, prefix: str) -> None:
        self._ranged = ranged
        self._media = media
        self._prefix = prefix

    def address(self, key: str) -> str:
        """Return where the segment *key* lies."""
        return f"{self._prefix}{key}.mp4"

    def find(self, key: str) -> Source | None:
        """Return what is kept under *key*, if anything is."""
        try:
            size = self._ranged.size(self.address(key))
        except NotFound:
            return None
        return PassingSource(self._ranged, self.address(key), size=size)

    def keep(self, key: str, path: Path) -> Source:
        """Store the file; a segment is seen whole or not at all."""
        self._media.write(self.address(key), path, content_type=VIDEO, passing=True)
        return PassingSource(self._ranged, self.address(key), size=path.stat().st_size)


class _CountedSink:
    """Hashes what it passes on."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._digest.update(data)
        self._sink.write(data)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What a film needs: foreign clips and cards, each once by its key, and what is wished."""

    spec: FilmSpec
    foreign: Mapping[str, Master]
    cards: Mapping[str, TitleCard]

    @property
    def total(self) -> int:
        cut = set(self.spec.transitions) <= {Transition.CUT}
        # A joint between neighbours, and a fade at either end.
        encoded = 0 if cut else len(self.spec.footage) + 1
        return len(self.foreign) + len(self.cards) + encoded


class PyAvFilmRenderer:
    """
    The port `FilmRenderer`.

    Masters and music are read by range, the film goes up in parts while it is made; memory and
    scratch space do not grow with its length.
    """

    def __init__(
        self,
        ranged: RangedMedia,
        media: MediaStore,
        *,
        seconds: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._ranged = ranged
        self._media = media
        self._seconds = seconds

    def missing(self, film: Film) -> Missing:
        """Return clips to normalise and cards to draw; when these are there, joints and fades."""
        with _refusing():
            segments = self._segments(film)
            wanted = self._wanted(film)
            found = {key: segments.find(key) for key in (*wanted.foreign, *wanted.cards)}
            first = [key for key, source in found.items() if source is None]
            if first:
                return Missing(pieces=first, total=wanted.total)
            plan = self._planned(film, wanted, found)
            left = [item.key for item in plan.encoded if segments.find(item.key) is None]
            return Missing(pieces=left, total=wanted.total)

    def make(self, film: Film, pieces: Sequence[str]) -> None:
        """Encode *pieces* and keep them; what somebody else made meanwhile is made again."""
        with _refusing():
            wanted = self._wanted(film)
            segments = self._segments(film)
            left = [key for key in pieces if not self._made_first(key, wanted, segments)]
            if left:
                plan = self._plan(film, wanted)
                encoded = tuple(item for item in plan.encoded if item.key in left)
                assembler = FilmAssembler(self._sources(plan, film), segments)
                assembler.render(replace(plan, segments=encoded))

    def assemble(self, film: Film, *, on_progress: Callable[[float], None]) -> FilmMedia:
        """Write, verify and describe the film."""
        with _refusing():
            plan = self._plan(film, self._wanted(film))
            key, began = f"{film.prefix}film.mp4", self._seconds()
            made, sha256 = self._written(
                plan, film, key, on_progress=lambda share: on_progress(share * WRITTEN)
            )
            took = self._seconds() - began
            on_progress(WRITTEN)
            source = StoredSource(self._ranged, key, size=made.size)
            report = verify_film(source, plan)
            if report.findings:
                faults = "; ".join(f"{each.fault}: {each.detail}" for each in report.findings)
                raise FilmUnsound(faults)
            on_progress(VERIFIED)
            poster, preview = f"{film.prefix}poster.jpg", f"{film.prefix}preview.webp"
            width, height = plan.width, plan.height
            still = film_poster(source, width=width, height=height)
            self._media.write(poster, still, content_type="image/jpeg")
            moving = film_preview(source, width=width, height=height)
            self._media.write(preview, moving, content_type="image/webp")
            return FilmMedia(
                key=key,
                poster_key=poster,
                preview_key=preview,
                duration_seconds=plan.duration_seconds,
                frames=plan.frames,
                width=plan.width,
                height=plan.height,
                bytes=made.size,
                sha256=sha256,
                assembly_seconds=round(took, 3),
            )

    def _written(
        self, plan: RenderPlan, film: Film, key: str, *, on_progress: Callable[[float], None]
    ) -> tuple[AssembledFilm, str]:
        upload = self._ranged.begin(key, content_type=VIDEO)
        sink = PartedSink(upload.send, part_bytes=PART_BYTES)
        counted = _CountedSink(sink)
        assembler = FilmAssembler(self._sources(plan, film), self._segments(film))
        try:
            made = assembler.assemble(plan, counted, on_progress=on_progress)
            sink.close()
            upload.finish()
        except BaseException:
            sink.abort()
            upload.abort()
            raise
        return made, counted.sha256

    def _wanted(self, film: Film) -> _Wanted:
        width, height = film.ratio.size
        spec = spec_of(film, signature=film_signature(width, height))
        return _Wanted(
            spec=spec,
            foreign={_normalised_key(shot, spec): shot for shot in foreign_masters(spec)},
            cards={item.key: item for item in spec.footage if isinstance(item, TitleCard)},
        )

    def _plan(self, film: Film, wanted: _Wanted) -> RenderPlan:
        """Plan the film; foreign clips whose week is over since are normalised again."""
        segments = self._segments(film)
        found = {
            key: segments.find(key) or self._normalised(key, shot, wanted.spec, segments)
            for key, shot in wanted.foreign.items()
        }
        return self._planned(film, wanted, found)

    def _planned(
        self, film: Film, wanted: _Wanted, found: Mapping[str, Source | None]
    ) -> RenderPlan:
        """Plan the film with its foreign clips as they were *found*, normalised."""
        segments = self._segments(film)
        masters: dict[str, Master] = {}
        for shot in foreign_masters(wanted.spec):
            key = _normalised_key(shot, wanted.spec)
            source = found[key]
            if source is None:
                raise FootageRefused(f"{shot.handle} was not normalised", reason="not_normalised")
            masters[shot.handle] = replace(
                shot,
                handle=segments.address(key),
                sha256=key,
                signature=wanted.spec.signature,
                frames=read_table(source).samples,
                width=wanted.spec.width,
                height=wanted.spec.height,
            )
        footage = tuple(
            masters.get(item.handle, item) if isinstance(item, Master) else item
            for item in wanted.spec.footage
        )
        return plan_film(replace(wanted.spec, footage=footage))

    def _made_first(self, key: str, wanted: _Wanted, segments: StoredSegments) -> bool:
        """Make a normalised clip or a card; return whether *key* is one."""
        shot, card = wanted.foreign.get(key), wanted.cards.get(key)
        if shot is not None:
            self._normalised(key, shot, wanted.spec, segments)
        elif card is not None:
            with tempfile.TemporaryDirectory(prefix="segment-") as name:
                target = Path(name) / "segment.mp4"
                write_card(card, target)
                segments.keep(key, target)
        return shot is not None or card is not None

    def _normalised(
        self, key: str, shot: Master, spec: FilmSpec, segments: StoredSegments
    ) -> Source:
        """Fetch a clip of at most ten seconds, make it one of the film's, and keep that."""
        stored = StoredSource(self._ranged, shot.handle)
        with tempfile.TemporaryDirectory(prefix="segment-") as name:
            source, target = Path(name) / "source.mp4", Path(name) / "segment.mp4"
            with source.open("wb") as file:
                for offset in range(0, stored.size, PART_BYTES):
                    file.write(stored.read(offset, PART_BYTES))
            normalise_clip(source, target, handle=shot.handle, width=spec.width, height=spec.height)
            return segments.keep(key, target)

    def _sources(self, plan: RenderPlan, film: Film) -> Mapping[str, Source]:
        passing = segments_prefix(film.owner_id, film.project_id)
        sources: dict[str, Source] = {
            shot.handle: (PassingSource if shot.handle.startswith(passing) else StoredSource)(
                self._ranged, shot.handle
            )
            for shot in plan.shots
        }
        if plan.sound is not None:
            sources[plan.sound.track.handle] = MusicSource(self._ranged, plan.sound.track.handle)
        return sources

    def _segments(self, film: Film) -> StoredSegments:
        """Find segments of today's encoding: another version's cannot be joined with ours."""
        encoding = film_signature(*film.ratio.size)
        prefix = f"{segments_prefix(film.owner_id, film.project_id)}{encoding}/"
        return StoredSegments(self._ranged, self._media, prefix)


def _normalised_key(shot: Master, spec: FilmSpec) -> str:
    return normalised_key(shot, width=spec.width, height=spec.height)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except FootageUnusable as error:
        detail = f"{error.handle or 'a clip'} is {error.reason}"
        raise FootageRefused(detail, reason=error.reason) from error


@contextmanager
def _passing() -> Iterator[None]:
    try:
        yield
    except NotFound as gone:
        raise Unavailable("a segment was deleted while it was needed") from gone


@contextmanager
def _leaving() -> Iterator[None]:
    try:
        yield
    except NotFound as gone:
        raise MusicGone("the music of this film was deleted") from gone
