"""Wiring of the tasks `SettleCompleted` and `SettleFailed` of films."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.application.films.settle_film import SettleFilm
from echoes.bootstrap.runtime import SystemClock
from echoes.settings import RecordsTable
from echoes.tasks.assembly import settle
from echoes.tasks.assembly_payloads import AssemblyResult


def build() -> Callable[[Mapping[str, object]], AssemblyResult]:
    """Return the handler of one state machine call."""
    return partial(settle, settle_film=settle_film())


def settle_film() -> SettleFilm:
    """Return the use case; the rule on stopped executions needs it too."""
    films = DynamoFilms(RecordsTable.from_environ().name, connect())
    return SettleFilm(films=films, clock=SystemClock())
