"""
What every route promises: who may call it, what it takes, what it may answer.

``tools.openapi`` makes the API's description of it. Tests hold the routes of all functions to this
list, and every answer to its promise. No function imports it at run time.
"""

from typing import Final

from echoes.http.operations.billing import MONEY
from echoes.http.operations.clips import CLIPS
from echoes.http.operations.films import FILMS
from echoes.http.operations.music import OWN_MUSIC
from echoes.http.operations.operation import AN_ID, Audience, Operation, Success
from echoes.http.operations.operators import OPERATORS
from echoes.http.operations.public import FOR_EVERYBODY

__all__ = ["AN_ID", "OPERATIONS", "Audience", "Operation", "Success"]

OPERATIONS: Final = (
    *FOR_EVERYBODY,
    *CLIPS,
    *FILMS,
    *OWN_MUSIC,
    *MONEY,
    *OPERATORS,
)
