"""The port `FilmRenderer`: encodes and joins films in a store, a range of bytes at a time."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from echoes.adapters.video.assembly.cards import write_card
from echoes.adapters.video.assembly.normalise import normalise_clip
from echoes.adapters.video.assembly.render import AssembledFilm, FilmAssembler
from echoes.adapters.video.assembly.stills import film_poster, film_preview
from echoes.adapters.video.assembly.stored import (
    VIDEO,
    CountedSink,
    KeptSegment,
    MusicSource,
    SegmentSource,
    StoredSegments,
    StoredSource,
    refusing,
)
from echoes.adapters.video.assembly.streams import PART_BYTES, PartedSink, Source
from echoes.adapters.video.assembly.verify import verify_film
from echoes.application.ports.films import RangedMedia
from echoes.application.ports.media import MediaStore
from echoes.domain.assembly.render_plan import Master, RenderPlan, TitleCard
from echoes.domain.errors import FilmUnsound
from echoes.domain.films.film import Film, FilmMedia, segments_prefix

WRITTEN: Final = 0.75
"""Of joining, when the file is written and has to be verified."""

VERIFIED: Final = 0.95


class PyAvFilmRenderer:
    """
    The port `FilmRenderer`.

    Masters and music are read by range and the film is uploaded in parts while it is made, so
    memory and scratch space do not grow with its length.
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
        self._segments = StoredSegments(ranged, media)
        self._seconds = seconds

    def normalise(self, film: Film, master: Master, key: str) -> KeptSegment:
        """Fetch a clip of at most ten seconds, encode it for *film*, keep and return it."""
        width, height = film.ratio.size
        stored = StoredSource(self._ranged, master.handle)
        with refusing(), _scratch() as scratch:
            source, target = scratch / "source.mp4", scratch / "segment.mp4"
            with source.open("wb") as file:
                for offset in range(0, stored.size, PART_BYTES):
                    file.write(stored.read(offset, PART_BYTES))
            normalise_clip(source, target, handle=master.handle, width=width, height=height)
            folder = self._segments.folder(film)
            return KeptSegment(folder.address(key), folder.keep(key, target))

    def draw(self, film: Film, card: TitleCard) -> None:
        """Encode a title card and keep it."""
        with refusing(), _scratch() as scratch:
            target = scratch / "segment.mp4"
            write_card(card, target)
            self._segments.folder(film).keep(card.key, target)

    def encode(self, film: Film, plan: RenderPlan) -> None:
        """Encode the joints and fades of *plan* that are not kept, and the cards they show."""
        with refusing():
            self._assembler(film, plan).render(plan)

    def join(
        self, film: Film, plan: RenderPlan, *, on_progress: Callable[[float], None]
    ) -> FilmMedia:
        """Write, verify and describe the film; see the port."""
        with refusing():
            key, began = f"{film.prefix}film.mp4", self._seconds()
            written, sha256 = self._write(
                film, plan, key, on_progress=lambda share: on_progress(share * WRITTEN)
            )
            took = self._seconds() - began
            on_progress(WRITTEN)
            source = StoredSource(self._ranged, key, size=written.size)
            _require_sound(source, plan)
            on_progress(VERIFIED)
            poster_key, preview_key = self._write_stills(film, plan, source)
        return FilmMedia(
            key=key,
            poster_key=poster_key,
            preview_key=preview_key,
            duration_seconds=plan.duration_seconds,
            frames=plan.frames,
            width=plan.width,
            height=plan.height,
            bytes=written.size,
            sha256=sha256,
            assembly_seconds=round(took, 3),
        )

    def _write(
        self, film: Film, plan: RenderPlan, key: str, *, on_progress: Callable[[float], None]
    ) -> tuple[AssembledFilm, str]:
        """Upload the film in parts; return what was written, and its hash."""
        upload = self._ranged.begin(key, content_type=VIDEO)
        sink = PartedSink(upload.send, part_bytes=PART_BYTES)
        counted = CountedSink(sink)
        try:
            written = self._assembler(film, plan).assemble(plan, counted, on_progress=on_progress)
            sink.close()
            upload.finish()
        except BaseException:
            sink.abort()
            upload.abort()
            raise
        return written, counted.sha256

    def _write_stills(self, film: Film, plan: RenderPlan, source: Source) -> tuple[str, str]:
        """Store the poster and the small moving preview; return their keys."""
        poster_key, preview_key = f"{film.prefix}poster.jpg", f"{film.prefix}preview.webp"
        poster = film_poster(source, width=plan.width, height=plan.height)
        self._media.write(poster_key, poster, content_type="image/jpeg")
        preview = film_preview(source, width=plan.width, height=plan.height)
        self._media.write(preview_key, preview, content_type="image/webp")
        return poster_key, preview_key

    def _assembler(self, film: Film, plan: RenderPlan) -> FilmAssembler:
        return FilmAssembler(self._sources(film, plan), self._segments.folder(film))

    def _sources(self, film: Film, plan: RenderPlan) -> Mapping[str, Source]:
        segments = segments_prefix(film.owner_id, film.project_id)
        sources: dict[str, Source] = {
            master.handle: (SegmentSource if master.handle.startswith(segments) else StoredSource)(
                self._ranged, master.handle
            )
            for master in plan.masters
        }
        if plan.sound is not None:
            sources[plan.sound.track.handle] = MusicSource(self._ranged, plan.sound.track.handle)
        return sources


def _require_sound(source: Source, plan: RenderPlan) -> None:
    """Decode the film and compare it with its plan. Raises `FilmUnsound`."""
    report = verify_film(source, plan)
    if report.findings:
        faults = "; ".join(f"{each.fault}: {each.detail}" for each in report.findings)
        raise FilmUnsound(faults)


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="segment-") as name:
        yield Path(name)
