"""
The contract of every route: who may call it, what it takes and what it may return.

``tools.openapi`` generates the API description from it. Tests check that the routes of all
functions match this list and that every response keeps its contract. No function imports it
at run time.
"""

from typing import Final

from echoes.http.operations.billing import MONEY
from echoes.http.operations.clips import CLIPS
from echoes.http.operations.films import FILMS
from echoes.http.operations.music import OWN_MUSIC
from echoes.http.operations.operation import AN_ID, Audience, Operation, Success, Throttle
from echoes.http.operations.operators import OPERATORS
from echoes.http.operations.public import FOR_EVERYBODY

__all__ = ["AN_ID", "OPERATIONS", "Audience", "Operation", "Success", "Throttle"]

OPERATIONS: Final = (
    *FOR_EVERYBODY,
    *CLIPS,
    *FILMS,
    *OWN_MUSIC,
    *MONEY,
    *OPERATORS,
)
