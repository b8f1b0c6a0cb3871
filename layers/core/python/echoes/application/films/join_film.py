"""Use case: join a film whose segments are there, and verify it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from echoes.application.films.complete_plan import complete_plan, find_needs
from echoes.application.films.running_films import RunningFilms
from echoes.application.ports.films import FilmRenderer, Segments
from echoes.domain.films.film import (
    JOINED_SHARE,
    RENDERED_SHARE,
    FilmMedia,
    FilmRef,
    FilmStage,
    progressed,
    verified,
)

QUIET: Final = timedelta(seconds=1)
"""Progress is stored at most this often, unless it jumps …"""

LEAP: Final = 0.05
"""… by this much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFilm:
    """Write the file, decode it again, and store what it is."""

    films: RunningFilms
    segments: Segments
    renderer: FilmRenderer

    def __call__(self, film: FilmRef) -> FilmMedia:
        """
        Write and verify the file; return what is stored in the bucket.

        Repeatable: a verified film is not joined again. Raises what `PlanFilm` raises,
        `MusicGone`, and `FilmUnsound`.
        """
        found = self.films.get(film)
        if found.media is not None:
            return found.media
        found = self.films.change(
            film, lambda film, at: progressed(film, FilmStage.JOINING, RENDERED_SHARE, at=at)
        )
        needs = find_needs(found, self.segments)
        plan = complete_plan(found, needs, segments=self.segments, renderer=self.renderer)
        on_progress = _Throttle(
            now=self.films.clock.now, report=lambda share: self.report(film, share)
        )
        media = self.renderer.join(found, plan, on_progress=on_progress)
        self.films.change(film, lambda film, at: verified(film, media, at=at))
        return media

    def report(self, film: FilmRef, share: float) -> None:
        """Store that *share* of joining and verifying is done. Raises `FilmEnded`."""
        progress = RENDERED_SHARE + (1 - RENDERED_SHARE) * share
        stage = FilmStage.JOINING if progress < JOINED_SHARE else FilmStage.VERIFYING
        # 1 is what people see when the film can be watched.
        self.films.change(
            film, lambda film, at: progressed(film, stage, min(progress, 0.99), at=at)
        )


class _Throttle:
    """Receives many small steps and reports a few; `FilmEnded` stops the work."""

    def __init__(self, *, now: Callable[[], datetime], report: Callable[[float], None]) -> None:
        self._now = now
        self._report = report
        self._reported_at = now()
        self._reported = 0.0

    def __call__(self, share: float) -> None:
        now = self._now()
        if now - self._reported_at < QUIET and share - self._reported < LEAP:
            return
        self._reported_at, self._reported = now, share
        self._report(share)
