"""Use case: an operator freezes or unfreezes an account."""

from dataclasses import dataclass

from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Freezer, Ledger
from echoes.application.retries import retry_on_conflict
from echoes.domain.credits.accounts import AccountStatus, CreditAccount
from echoes.domain.identifiers import OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAccountStatus:
    """
    Freeze or thaw an account.

    Credits do not move, so the ledger has no entry of it. The caller first writes to the access
    audit who does it and why.
    """

    freezer: Freezer
    ledger: Ledger
    clock: Clock

    def __call__(self, owner_id: OwnerId, status: AccountStatus) -> CreditAccount:
        """Return the account as it is now; repeating it is harmless. Raises `NotFound`."""

        def act() -> CreditAccount:
            self.freezer.set_status(owner_id, status)
            return self.ledger.account(owner_id)

        return retry_on_conflict(act, clock=self.clock)
