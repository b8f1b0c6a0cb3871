"""What happens to payments from outside the API: the buyer's, the bank's and the seller's moves."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.errors import StripeFailure
from dev.simulators.stripe.resources.checkout import Checkout
from dev.simulators.stripe.resources.disputes import DisputeKind
from dev.simulators.stripe.resources.reversals import Reversals
from dev.simulators.stripe.store import Store

SESSION_MOVES: Final = ("pay", "decline", "pay_later", "expire", "async_succeed", "async_fail")
REFUND_MOVES: Final = ("succeed", "fail", "cancel")
DISPUTE_MOVES: Final = ("withdraw", "reinstate", "answer", "win", "lose", "close_inquiry")

Events = list[JsonObject]


class Details(BaseModel):
    """How much, why and in which state; a move ignores what it does not know."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[int, Field(ge=1)] | None = None
    reason: str | None = None
    pending: bool = False
    kind: DisputeKind = DisputeKind.CHARGEBACK
    withdraw: bool = True


class Actions:
    """Makes moves in one transaction each; raises `StripeFailure` for one that is not possible."""

    def __init__(self, store: Store, checkout: Checkout, reversals: Reversals) -> None:
        self._store = store
        self._checkout = checkout
        self._reversals = reversals

    def perform(
        self, noun: str, identifier: str, move: str, details: Details | None = None
    ) -> tuple[JsonObject, Events]:
        """
        Make one move of a session, payment, refund or dispute.

        Return the object that was changed or made, and the events. A payment may be named by its
        session. Abandoning a session changes nothing.
        """
        with self._store.transaction():
            self._checkout.expire_overdue()
            match noun:
                case "sessions" if move in (*SESSION_MOVES, "abandon"):
                    events = self._session(identifier, move)
                    return self._stored("checkout.session", identifier), events
                case "payments":
                    return self._payment(identifier, move, details or Details())
                case "refunds" if move in REFUND_MOVES:
                    events = self._refund(identifier, move)
                    return self._stored("refund", identifier), events
                case "disputes" if move in DISPUTE_MOVES:
                    events = getattr(self._reversals, move)(identifier)
                    return self._stored("dispute", identifier), events
                case _:
                    raise StripeFailure(message=f"{noun} know no move {move!r}.", status=404)

    def _session(self, identifier: str, move: str) -> Events:
        if move == "abandon":
            self._checkout.session(identifier)
            return []
        events: Events = getattr(self._checkout, move)(identifier)
        return events

    def _refund(self, identifier: str, move: str) -> Events:
        moves = {
            "succeed": self._reversals.succeed_refund,
            "fail": self._reversals.fail_refund,
            "cancel": self._reversals.cancel_refund,
        }
        return moves[move](identifier)

    def _payment(self, identifier: str, move: str, details: Details) -> tuple[JsonObject, Events]:
        session = self._store.get("checkout.session", identifier)
        intent = str(session["payment_intent"]) if session else identifier
        match move:
            case "refund":
                params: JsonObject = {"payment_intent": intent, "metadata": {}}
                if details.amount is not None:
                    params["amount"] = details.amount
                params["reason"] = details.reason
                return self._reversals.create_refund(params, pending=details.pending)
            case "dispute":
                return self._reversals.open_dispute(
                    intent,
                    kind=details.kind,
                    amount=details.amount,
                    reason=details.reason or "fraudulent",
                    withdraw=details.withdraw,
                )
            case "fraud_warning":
                return self._reversals.warn_of_fraud(intent)
            case _:
                raise StripeFailure(message=f"payments know no move {move!r}.", status=404)

    def _stored(self, kind: str, identifier: str) -> JsonObject:
        return self._store.get(kind, identifier) or {}
