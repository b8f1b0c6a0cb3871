"""Use cases: operators correct an account, write off a debt, and approve each other's requests."""

from dataclasses import dataclass

from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.ports.rewards import AdjustmentRequests
from echoes.application.retries import retry_on_conflict
from echoes.domain.credits.adjustments import (
    AdjustmentRequest,
    AdjustmentState,
    adjustment_id,
    approved,
    ask,
    carry_out,
    check_same,
)
from echoes.domain.credits.entries import Entry
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import AdjustmentId, Credits, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """A request and its entry; ``None`` until a second operator approves."""

    request: AdjustmentRequest
    entry: Entry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustCredits:
    """Post a correction with its reason; a large one waits for a second operator."""

    ledger: Ledger
    requests: AdjustmentRequests
    clock: Clock

    def __call__(
        self,
        owner_id: OwnerId,
        *,
        amount: Credits,
        ticket: str,
        actor: OwnerId,
        reason: str,
        write_off: bool = False,
    ) -> Adjusted:
        """
        Add *amount* credits; a negative amount takes them, and what is missing becomes debt.

        The same ticket and content again changes nothing,
        even from another operator: one ticket corrects one account once.

        Raises:
            InvalidRequest: The amount or the reason cannot be used, or the debt is smaller.
            ReferenceMismatch: The ticket was used for something else.
        """

        def act() -> Adjusted:
            wanted = AdjustmentRequest(
                adjustment_id=adjustment_id(owner_id, ticket),
                owner_id=owner_id,
                amount=amount,
                write_off=write_off,
                reason=reason,
                ticket=ticket,
                requested_by=actor,
                requested_at=self.clock.now(),
            )
            known = self.requests.get(wanted.adjustment_id)
            if known is not None:
                check_same(known, wanted)
                return Adjusted(request=known, entry=_entry(self.ledger, known))
            if wanted.needs_approval:
                change = ask(wanted, self.ledger.account(owner_id))
                self.requests.save(change)
                return Adjusted(request=change.request, entry=None)
            return _post(self.ledger, self.clock, wanted)

        return retry_on_conflict(act, clock=self.clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAdjustment:
    """A second operator approves a request, which takes effect at once."""

    ledger: Ledger
    requests: AdjustmentRequests
    clock: Clock

    def __call__(self, wanted: AdjustmentId, *, actor: OwnerId) -> Adjusted:
        """
        Carry out the request, unless it was carried out before.

        Raises:
            NotFound: There is no such request.
            SecondOperatorNeeded: It is the operator's own.
            InvalidRequest: It is too old, or it writes off more than is owed by now.
        """

        def act() -> Adjusted:
            found = self.find(wanted)
            if found.request.state is AdjustmentState.POSTED:
                return found
            agreed = approved(found.request, by=actor, at=self.clock.now())
            return _post(self.ledger, self.clock, agreed)

        return retry_on_conflict(act, clock=self.clock)

    def find(self, wanted: AdjustmentId) -> Adjusted:
        """Return the request as it is now. Raises `NotFound`."""
        found = self.requests.get(wanted)
        if found is None:
            raise NotFound("adjustment not found")
        return Adjusted(request=found, entry=_entry(self.ledger, found))


def _post(ledger: Ledger, clock: Clock, request: AdjustmentRequest) -> Adjusted:
    account = ledger.account(request.owner_id)
    posting, change = carry_out(request, account, at=clock.now())
    entry = ledger.post(posting, alongside=change)
    return Adjusted(request=change.request, entry=entry)


def _entry(ledger: Ledger, request: AdjustmentRequest) -> Entry | None:
    """Return the entry of *request*, if it has one."""
    if request.seq is None:
        return None
    (entry,) = ledger.entries(request.owner_id, before=request.seq + 1, limit=1).entries
    return entry
