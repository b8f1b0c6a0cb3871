"""
Accounts and holds: the present state that the entries add up to.

To change one, use the functions in `postings` and `holds` beside this module.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from echoes.domain.credits.entries import CHAIN_START, NO_CREDITS, Entry, fingerprint
from echoes.domain.identifiers import Credits, HoldId, OwnerId


class AccountStatus(StrEnum):
    """Whether an account may spend credits."""

    ACTIVE = "active"
    FROZEN = "frozen"


class HoldStatus(StrEnum):
    """The state of a hold. Every status but ``open`` is final."""

    OPEN = "open"
    CAPTURED = "captured"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAccount:
    """
    What one owner has. ``available`` is what can be spent; the product calls it the balance.

    ``seq`` counts the entries and guards against lost updates; ``chain_hash`` is the last one's.
    """

    owner_id: OwnerId
    seq: int = 0
    available: Credits = NO_CREDITS
    held: Credits = NO_CREDITS
    debt: Credits = NO_CREDITS
    chain_hash: str = CHAIN_START
    status: AccountStatus = AccountStatus.ACTIVE

    def __post_init__(self) -> None:
        numbers = (self.seq, self.available, self.held, self.debt)
        if any(type(number) is not int for number in numbers):
            raise TypeError(f"credits are whole numbers, not {numbers}")
        if min(numbers) < 0 or (self.available and self.debt):
            raise AssertionError(f"ledger invariant L1 broken: {self}")

    @property
    def version(self) -> int:
        """Counts the changes of the account, for clients that compare."""
        return self.seq


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Credits set aside for one piece of work. The sweep checks it after ``expires_at``."""

    hold_id: HoldId
    owner_id: OwnerId
    amount: Credits
    expires_at: datetime
    opened_seq: int
    status: HoldStatus = HoldStatus.OPEN
    settled_seq: int | None = None
    captured: Credits = NO_CREDITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """
    What one event changes: stored whole or not at all, and only on top of ``before``.

    ``hold`` is the hold as it is afterwards, if the event is about one.
    """

    before: CreditAccount
    after: CreditAccount
    entry: Entry
    hold: Hold | None = None

    @property
    def fingerprint(self) -> str:
        """Identifies a repeated request; see `echoes.domain.credits.entries.fingerprint`."""
        return fingerprint(self.entry)
