"""
The contract of every route: who may call it, what it takes and what it may return.

``tools.openapi`` generates the API description from it. Tests check that the routes of all
functions match this list and that every response keeps its contract. No function imports it
at run time.
"""

from typing import Final

from echoes.http.accounts.operations import OPERATORS
from echoes.http.billing.operations import MONEY
from echoes.http.catalogue.operations import FOR_EVERYBODY
from echoes.http.clips.operations import CLIPS
from echoes.http.contract.operation import AN_ID, Audience, Operation, Success, Throttle
from echoes.http.films.operations import FILMS
from echoes.http.music.operations import OWN_MUSIC

__all__ = ["AN_ID", "OPERATIONS", "Audience", "Operation", "Success", "Throttle"]

OPERATIONS: Final = (
    *FOR_EVERYBODY,
    *CLIPS,
    *FILMS,
    *OWN_MUSIC,
    *MONEY,
    *OPERATORS,
)
