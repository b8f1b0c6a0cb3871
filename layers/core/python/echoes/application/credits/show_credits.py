"""Use case: show an account's credits."""

from dataclasses import dataclass

from echoes.application.ports.credits import Ledger
from echoes.domain.credits.accounts import CreditAccount
from echoes.domain.identifiers import OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCredits:
    """Read an account."""

    ledger: Ledger

    def __call__(self, owner_id: OwnerId) -> CreditAccount:
        """Return the account as it is now; an empty one if it never had credits."""
        return self.ledger.account(owner_id)
