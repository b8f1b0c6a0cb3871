"""Sweeps: one item's error does not stop the others."""

from collections.abc import Callable
from dataclasses import dataclass, field

from echoes.domain.errors import EchoesError


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexpectedError:
    """An unexpected error: an unreadable row, an unknown refusal."""

    about: str
    """The id of the affected item, or the list that could not be read."""

    error: Exception


@dataclass(slots=True, kw_only=True)
class SweepRun:
    """The errors of one run; the next one tries again."""

    errors: list[str] = field(default_factory=list)
    """The names of all errors."""

    unexpected: list[UnexpectedError] = field(default_factory=list)
    """The errors that an operator has to look into."""

    def run(self, action: Callable[[], None], *, about: str) -> bool:
        """Run *action* and return whether it succeeded. Its errors are collected here."""
        try:
            action()
        except Exception as error:  # noqa: BLE001  # whatever it is, the others must not wait
            self.errors.append(type(error).__name__)
            if not isinstance(error, EchoesError):
                self.unexpected.append(UnexpectedError(about=about, error=error))
            return False
        return True
