"""Use case: once a minute, sweep for abandoned films."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

from echoes.application.films.settle_film import SettledFilm, SettleFilm
from echoes.application.ports.clips import ExecutionState
from echoes.application.ports.clock import Clock
from echoes.application.ports.films import AssemblyWorkflow, Films
from echoes.application.retries import retry_on_conflict
from echoes.application.sweeps import SweepRun
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import NotFound
from echoes.domain.films.film import FILM_DEADLINE, START_GRACE, FilmRef, due_again

BATCH: Final = 50
"""Films of one round, a minute apart: 3,000 an hour."""

NEXT_CHECK: Final = timedelta(minutes=10)
"""A running execution handles its own timeouts; this only notices if it is gone."""

START_DEADLINE: Final = timedelta(hours=1)
"""After an hour without a start, give up."""


@dataclass(slots=True, kw_only=True)
class FilmSweep(SweepRun):
    """The results of one sweep: numbers for operators."""

    seen: int = 0
    started: int = 0
    stopped: int = 0
    settlements: list[SettledFilm] = field(default_factory=list)

    @property
    def settled(self) -> int:
        """How many films this round ended."""
        return sum(settled.first for settled in self.settlements)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepFilms:
    """Start what was not started, stop what takes too long, settle what was left unsettled."""

    films: Films
    workflow: AssemblyWorkflow
    settle_film: SettleFilm
    clock: Clock

    def __call__(self) -> FilmSweep:
        """Run one sweep. One film's error does not stop the others."""
        report = FilmSweep()
        for film in self.films.due(at=self.clock.now(), limit=BATCH):
            report.seen += 1
            report.run(partial(self._unless_erased, film, report), about=film.film_id)
        return report

    def _unless_erased(self, film: FilmRef, report: FilmSweep) -> None:
        with suppress(NotFound):  # erased with its project; the index lags behind
            self._sweep(film, report)

    def _sweep(self, film: FilmRef, report: FilmSweep) -> None:
        found = self.films.get(film.owner_id, film.film_id)
        if found.ended:
            return  # the index lags behind
        age = self.clock.now() - found.created_at
        match self.workflow.state(film):
            case ExecutionState.MISSING if age <= START_DEADLINE:
                self.workflow.start(film)
                self._check_again(film, START_GRACE)
                report.started += 1
            case ExecutionState.RUNNING if age <= FILM_DEADLINE:
                self._check_again(film, NEXT_CHECK)
            case ExecutionState.RUNNING:
                self.workflow.stop(film)
                report.settlements.append(self.settle_film(film, failure=ErrorCode.FILM_FAILED))
                report.stopped += 1
            case ExecutionState.MISSING:
                report.settlements.append(self.settle_film(film, failure=ErrorCode.FILM_FAILED))
            case ExecutionState.ENDED:
                # A film that was already verified is completed: only the last step is missing.
                report.settlements.append(self.settle_film(film))

    def _check_again(self, film: FilmRef, pause: timedelta) -> None:
        def rewrite() -> None:
            found, at = self.films.get(film.owner_id, film.film_id), self.clock.now()
            if not found.ended:
                self.films.save(due_again(found, until=at + pause, at=at))

        retry_on_conflict(rewrite, clock=self.clock)
