"""Rounds of a sweep: the trouble of one thing keeps no other waiting."""

from collections.abc import Callable
from dataclasses import dataclass, field

from echoes.domain.errors import EchoesError


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """An error nobody announced: a row that cannot be read, a refusal nobody has heard of."""

    about: str
    """The id of what it happened to, or what could not be listed."""

    error: Exception


@dataclass(slots=True, kw_only=True)
class Round:
    """What went wrong in one round; the next one tries again."""

    errors: list[str] = field(default_factory=list)
    """The names of all errors."""

    surprises: list[Surprise] = field(default_factory=list)
    """Those errors that somebody has to look at."""

    def attempt(self, action: Callable[[], None], *, about: str) -> bool:
        """Do *action* and return whether that worked. Whatever it raises is kept here."""
        try:
            action()
        except Exception as error:  # noqa: BLE001  # whatever it is, the others must not wait
            self.errors.append(type(error).__name__)
            if not isinstance(error, EchoesError):
                self.surprises.append(Surprise(about=about, error=error))
            return False
        return True
