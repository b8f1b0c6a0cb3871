"""Credits for tests to begin with."""

from dataclasses import dataclass

from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.retries import retry_on_conflict
from echoes.domain.credits.entries import Entry
from echoes.domain.credits.postings import adjust
from echoes.domain.identifiers import Credits, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCredits:
    """Post an adjustment, for a reason that stays in the ledger."""

    ledger: Ledger
    clock: Clock

    def __call__(
        self, owner_id: OwnerId, *, amount: Credits, reference: str, actor: str, reason: str
    ) -> Entry:
        """
        Add *amount* credits (negative: take them; what is not there becomes debt).

        *reference* names the ticket: the same reference and content again changes nothing.

        Raises:
            InvalidRequest: The amount or the reason cannot be used.
            ReferenceMismatch: The reference was used for something else.
        """

        def grant() -> Entry:
            posting = adjust(
                self.ledger.account(owner_id),
                reference=reference,
                amount=amount,
                at=self.clock.now(),
                actor=actor,
                reason=reason,
            )
            return self.ledger.post(posting)

        return retry_on_conflict(grant, clock=self.clock)
