"""Use case: make a film step by step; each step is repeatable and resumes where it stopped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from echoes.application.ports.clock import Clock
from echoes.application.ports.films import FilmRenderer, Films, Missing
from echoes.application.retries import retry_on_conflict
from echoes.domain.films.film import (
    JOINED_SHARE,
    RENDERED_SHARE,
    Film,
    FilmMedia,
    FilmRef,
    FilmStage,
    progressed,
    rendered,
    require_running,
    verified,
)

PLANNED_SHARE: Final = 0.02
PIECES_A_CALL: Final = 4
"""Pieces that one call encodes: a foreign clip takes some five seconds, a joint half a second."""

QUIET: Final = timedelta(seconds=1)
"""Progress is stored at most this often, unless it jumps …"""

LEAP: Final = 0.05
"""… by this much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What can be encoded now, in batches for one call each, and how many pieces there are."""

    batches: Sequence[Sequence[str]]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembleFilm:
    """Plan, encode what is missing, join and verify."""

    films: Films
    renderer: FilmRenderer
    clock: Clock

    def plan(self, film: FilmRef) -> Work:
        """
        Return what is to be encoded before the film can be joined; nothing if it can be now.

        Raises:
            FilmEnded: It was cancelled, or is done.
            FootageRefused: A clip or the music cannot be used.
        """
        found = self._change(film, lambda film, at: progressed(film, FilmStage.PLANNING, 0, at=at))
        missing: Missing = self.renderer.missing(found)
        pieces = list(missing.pieces)
        batches = [
            pieces[place : place + PIECES_A_CALL] for place in range(0, len(pieces), PIECES_A_CALL)
        ]
        self._change(film, lambda film, at: _planned(film, batches, at))
        return Work(batches=batches, total=missing.total)

    def make(self, film: FilmRef, pieces: Sequence[str], *, total: int) -> None:
        """Encode *pieces* of *total*. Raises what `plan` raises."""
        self.renderer.make(self._running(film), pieces)
        share = len(pieces) / max(total, 1)
        self._change(film, lambda film, at: rendered(film, share, at=at))

    def join(self, film: FilmRef) -> FilmMedia:
        """
        Write and verify the file; return what is stored in the bucket.

        Raises what `plan` raises, and `FilmUnsound`.
        """
        found = self._running(film)
        if found.media is not None:
            return found.media
        found = self._change(
            film, lambda film, at: progressed(film, FilmStage.JOINING, RENDERED_SHARE, at=at)
        )
        media = self.renderer.assemble(found, on_progress=_Reporter(self, film, self.clock.now()))
        self._change(film, lambda film, at: verified(film, media, at=at))
        return media

    def hear(self, film: FilmRef, share: float) -> None:
        """Write down that *share* of joining and verifying is done. Raises `FilmEnded`."""
        progress = RENDERED_SHARE + (1 - RENDERED_SHARE) * share
        stage = FilmStage.JOINING if progress < JOINED_SHARE else FilmStage.VERIFYING
        # 1 is what people see when the film can be watched.
        self._change(film, lambda film, at: progressed(film, stage, min(progress, 0.99), at=at))

    def _running(self, film: FilmRef) -> Film:
        return require_running(self.films.get(film.owner_id, film.film_id))

    def _change(self, film: FilmRef, change: Callable[[Film, datetime], Film]) -> Film:
        def rewrite() -> Film:
            found = self._running(film)
            changed = change(found, self.clock.now())
            if changed is not found:
                self.films.save(changed)
            return changed

        return retry_on_conflict(rewrite, clock=self.clock)


@dataclass(slots=True)
class _Reporter:
    """Receives many small steps and passes on a few; `FilmEnded` stops the work."""

    assemble: AssembleFilm
    film: FilmRef
    told_at: datetime
    told: float = field(default=0.0)

    def __call__(self, share: float) -> None:
        now = self.assemble.clock.now()
        if now - self.told_at < QUIET and share - self.told < LEAP:
            return
        self.told_at, self.told = now, share
        self.assemble.hear(self.film, share)


def _planned(film: Film, batches: Sequence[Sequence[str]], at: datetime) -> Film:
    if batches:
        return progressed(film, FilmStage.RENDERING, PLANNED_SHARE, at=at)
    return progressed(film, FilmStage.JOINING, RENDERED_SHARE, at=at)
