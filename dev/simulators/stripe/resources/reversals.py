"""Money that is returned: refunds, disputes and the warnings before them."""

from collections.abc import Callable

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.api.rules import check_metadata
from dev.simulators.stripe.clock import Clock
from dev.simulators.stripe.errors import conflict, invalid, missing, refused
from dev.simulators.stripe.resources.disputes import (
    DISPUTE_FEE_CENTS,
    OVER,
    DisputeKind,
    new_dispute,
    new_fraud_warning,
    withdrawn_amount,
)
from dev.simulators.stripe.resources.payments import new_balance_transaction, new_refund
from dev.simulators.stripe.settings import Settings
from dev.simulators.stripe.store import Store
from dev.simulators.stripe.webhooks.deliveries import Deliveries

Events = list[JsonObject]


class Reversals:
    """Refunds and disputes of payments; each move returns the events it has made."""

    def __init__(
        self, store: Store, clock: Clock, events: Deliveries, settings: Callable[[], Settings]
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._settings = settings

    def create_refund(
        self, params: JsonObject, *, pending: bool | None = None
    ) -> tuple[JsonObject, Events]:
        """Refund a payment, the rest of it unless an amount is given."""
        check_metadata(params.get("metadata"))
        charge = self._charge_to_refund(params)
        if pending is None:
            pending = self._settings().pending_refunds
        left = int(charge["amount"]) - int(charge["amount_refunded"])
        amount = int(params.get("amount", left))
        self._check_refund(charge, amount, left)
        refund = new_refund(charge, params, amount=amount, at=self._clock.now())
        if not pending:
            refund = self._paid_out(refund)
        refunded = int(charge["amount_refunded"]) + amount
        previous = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
        charge |= {"amount_refunded": refunded, "refunded": refunded == charge["amount"]}
        self._store.put("refund", refund)
        self._store.put("charge", charge)
        changed = {name: old for name, old in previous.items() if charge[name] != old}
        events = self._events.emit("refund.created", refund)
        return refund, events + self._events.emit("charge.refunded", charge, changed)

    def succeed_refund(self, refund_id: str) -> Events:
        """Let a pending refund arrive."""
        refund = self._refund(refund_id, {"pending", "requires_action"})
        previous = {"status": refund["status"], "balance_transaction": None}
        refund = self._paid_out(refund)
        self._store.put("refund", refund)
        return self._events.emit("refund.updated", refund, previous)

    def fail_refund(self, refund_id: str) -> Events:
        """Let a refund fail, even one that had succeeded: the money is ours again."""
        refund = self._refund(refund_id, {"pending", "requires_action", "succeeded"})
        previous = {"status": refund["status"]}
        entry = new_balance_transaction(
            amount=refund["amount"],
            fee=0,
            kind="refund_failure",
            source=refund,
            at=self._clock.now(),
        )
        refund |= {
            "status": "failed",
            "failure_reason": "expired_or_canceled_card",
            "failure_balance_transaction": entry["id"],
        }
        self._store.put("balance_transaction", entry)
        self._give_back(refund)
        events = self._events.emit("refund.updated", refund, previous)
        return events + self._events.emit("refund.failed", refund)

    def cancel_refund(self, refund_id: str) -> Events:
        """Take a pending refund back."""
        refund = self._refund(refund_id, {"pending", "requires_action"})
        previous = {"status": refund["status"]}
        refund["status"] = "canceled"
        self._give_back(refund)
        return self._events.emit("refund.updated", refund, previous)

    def open_dispute(
        self,
        payment_intent_id: str,
        *,
        kind: DisputeKind = DisputeKind.CHARGEBACK,
        amount: int | None = None,
        reason: str = "fraudulent",
        withdraw: bool = True,
    ) -> tuple[JsonObject, Events]:
        """Let the buyer's bank ask (inquiry) or take the money (chargeback that `withdraw`s)."""
        charge = self._charge_of(payment_intent_id)
        amount = int(charge["amount"]) if amount is None else amount
        if not 1 <= amount <= int(charge["amount"]):
            raise invalid("A dispute is about 1 cent to the whole charge.", param="amount")
        dispute = new_dispute(charge, kind=kind, amount=amount, reason=reason, at=self._clock.now())
        self._store.put("charge", charge | {"disputed": True})
        self._store.put("dispute", dispute)
        events = self._events.emit("charge.dispute.created", dispute)
        if kind is DisputeKind.CHARGEBACK and withdraw:
            events += self.withdraw(dispute["id"])
        return self._dispute(dispute["id"]), events

    def withdraw(self, dispute_id: str) -> Events:
        """Let the disputed money be taken; an inquiry becomes a chargeback."""
        dispute = self._live_dispute(dispute_id)
        if withdrawn_amount(dispute) > 0:
            raise conflict("The money of this dispute has been withdrawn already.")
        events: Events = []
        if dispute["status"].startswith("warning_"):
            previous = {"status": dispute["status"]}
            dispute |= {"status": "needs_response", "is_charge_refundable": False}
            events += self._events.emit("charge.dispute.updated", dispute, previous)
        self._move(dispute, -int(dispute["amount"]), fee=DISPUTE_FEE_CENTS, kind="dispute")
        return events + self._events.emit("charge.dispute.funds_withdrawn", dispute)

    def reinstate(self, dispute_id: str) -> Events:
        """Return the disputed money in any status of the dispute."""
        dispute = self._dispute(dispute_id)
        back = withdrawn_amount(dispute)
        if back <= 0:
            raise conflict("No money of this dispute is withdrawn.")
        self._move(dispute, back, fee=0, kind="dispute_reversal")
        return self._events.emit("charge.dispute.funds_reinstated", dispute)

    def answer(self, dispute_id: str) -> Events:
        """Submit evidence: the dispute is under review."""
        dispute = self._live_dispute(dispute_id)
        previous = {"status": dispute["status"]}
        inquiry = dispute["status"].startswith("warning_")
        dispute["status"] = "warning_under_review" if inquiry else "under_review"
        dispute["evidence_details"] |= {"has_evidence": True, "submission_count": 1}
        self._store.put("dispute", dispute)
        return self._events.emit("charge.dispute.updated", dispute, previous)

    def win(self, dispute_id: str) -> Events:
        """Let the dispute end for us, and the money come back if it was taken."""
        events = self._close(dispute_id, "won")
        if withdrawn_amount(self._dispute(dispute_id)) > 0:
            events += self.reinstate(dispute_id)
        return events

    def lose(self, dispute_id: str) -> Events:
        """Let the dispute end for the buyer; the money is taken if it was not yet."""
        events: Events = []
        if withdrawn_amount(self._live_dispute(dispute_id)) <= 0:
            events += self.withdraw(dispute_id)
        return events + self._close(dispute_id, "lost")

    def close_inquiry(self, dispute_id: str) -> Events:
        """Let an inquiry end without a chargeback."""
        if not self._live_dispute(dispute_id)["status"].startswith("warning_"):
            raise conflict("This dispute is not an inquiry.")
        return self._close(dispute_id, "warning_closed")

    def warn_of_fraud(self, payment_intent_id: str) -> tuple[JsonObject, Events]:
        """Let the card's issuer report a charge as fraud, before any dispute."""
        warning = new_fraud_warning(self._charge_of(payment_intent_id), at=self._clock.now())
        self._store.put("radar.early_fraud_warning", warning)
        return warning, self._events.emit("radar.early_fraud_warning.created", warning)

    def _check_refund(self, charge: JsonObject, amount: int, left: int) -> None:
        if left == 0:
            message = f"Charge {charge['id']} has already been refunded."
            raise refused(message, code="charge_already_refunded")
        if amount < 1:
            message = "Invalid positive integer"
            raise invalid(message, param="amount", code="parameter_invalid_integer")
        if amount > left:
            message = (
                f"Refund amount (${amount / 100:.2f}) is greater than unrefunded amount on charge "
                f"(${left / 100:.2f})"
            )
            raise invalid(message, param="amount")
        disputes = self._store.select("dispute", lambda item: item["charge"] == charge["id"])
        if any(not each["is_charge_refundable"] and each["status"] != "won" for each in disputes):
            message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
            raise refused(message, code="charge_disputed")

    def _charge_to_refund(self, params: JsonObject) -> JsonObject:
        if ("charge" in params) == ("payment_intent" in params):
            raise invalid(
                "One of the following params should be provided for this request: payment_intent "
                "or charge."
            )
        if "payment_intent" in params:
            return self._charge_of(params["payment_intent"], param="payment_intent", status=400)
        charge = self._store.get("charge", params["charge"])
        if charge is None:
            raise missing("charge", params["charge"], param="charge", status=400)
        return self._charge_of(charge["payment_intent"])

    def _charge_of(
        self, payment_intent_id: str, *, param: str = "intent", status: int = 404
    ) -> JsonObject:
        intent = self._store.get("payment_intent", payment_intent_id)
        if intent is None:
            raise missing("payment_intent", payment_intent_id, param=param, status=status)
        charge = self._store.get("charge", intent["latest_charge"])
        if charge is None or charge["status"] != "succeeded":
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge."
            raise refused(message)
        return charge

    def _refund(self, refund_id: str, allowed: set[str]) -> JsonObject:
        refund = self._store.get("refund", refund_id)
        if refund is None:
            raise missing("refund", refund_id)
        if refund["status"] not in allowed:
            raise conflict(f"This refund is {refund['status']}.")
        return refund

    def _paid_out(self, refund: JsonObject) -> JsonObject:
        entry = new_balance_transaction(
            amount=-int(refund["amount"]), fee=0, kind="refund", source=refund, at=self._clock.now()
        )
        self._store.put("balance_transaction", entry)
        return refund | {"status": "succeeded", "balance_transaction": entry["id"]}

    def _give_back(self, refund: JsonObject) -> None:
        charge = self._store.get("charge", refund["charge"]) or {}
        refunded = int(charge["amount_refunded"]) - int(refund["amount"])
        self._store.put("charge", charge | {"amount_refunded": refunded, "refunded": False})
        self._store.put("refund", refund)

    def _dispute(self, dispute_id: str) -> JsonObject:
        dispute = self._store.get("dispute", dispute_id)
        if dispute is None:
            raise missing("dispute", dispute_id)
        return dispute

    def _live_dispute(self, dispute_id: str) -> JsonObject:
        dispute = self._dispute(dispute_id)
        if dispute["status"] in OVER:
            raise conflict(f"This dispute is {dispute['status']}.")
        return dispute

    def _move(self, dispute: JsonObject, amount: int, *, fee: int, kind: str) -> None:
        entry = new_balance_transaction(
            amount=amount, fee=fee, kind=kind, source=dispute, at=self._clock.now()
        )
        dispute["balance_transactions"].append(entry)
        self._store.put("balance_transaction", entry)
        self._store.put("dispute", dispute)

    def _close(self, dispute_id: str, status: str) -> Events:
        dispute = self._live_dispute(dispute_id)
        previous = {"status": dispute["status"]}
        dispute["status"] = status
        self._store.put("dispute", dispute)
        return self._events.emit("charge.dispute.closed", dispute, previous)
