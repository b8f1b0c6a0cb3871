"""The identity in a token."""

from dataclasses import dataclass
from typing import Literal

from echoes.domain.errors import Unauthorized


class InvalidToken(Unauthorized):
    """The token is not valid. The reason is for the logs, not for the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A caller whose token was verified."""

    subject: str
    kind: Literal["user", "guest"]
    groups: tuple[str, ...] = ()
