"""The current state of payments at Stripe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from echoes.adapters.stripe.client import is_missing, translated
from echoes.adapters.stripe.conventions import APP, EVENT_TYPES
from echoes.adapters.stripe.messages import subject_of
from echoes.application.ports.notices import BadMessage
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import CheckoutId, OrderId, OwnerId, PaymentId
from echoes.domain.purchases.payment_keys import PaymentKey, PaymentObject
from echoes.domain.purchases.payments import Checkout, Dispute, PaymentView, Refund

if TYPE_CHECKING:
    import stripe

PAGE: Final = 100
FAILED_PAYMENTS: Final = frozenset({"canceled", "requires_payment_method"})
"""A completed checkout whose payment has arrived is final."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StripePayments:
    """The port `Payments`."""

    access: Callable[[], stripe.StripeClient]

    def look(self, key: PaymentKey) -> PaymentView | None:
        """Return everything about the payment; ``None`` if it did not come from our checkout."""
        import stripe

        with translated():
            try:
                session = self._session(key)
            except stripe.InvalidRequestError as error:
                if is_missing(error):
                    return None
                raise
            if session is None or not _ours(session):
                return None
            payment = session.get("payment_intent")
            if not isinstance(payment, dict):
                return PaymentView(checkout=_checkout(session, None))
            return self._view(session, payment)

    def completed(self, *, since: datetime) -> Iterator[CheckoutId]:
        """Return our checkouts created since then that are complete."""
        with translated():
            found = self.access().v1.checkout.sessions.list(
                {
                    "created": {"gte": int(since.timestamp())},
                    "status": "complete",
                    "limit": PAGE,
                }
            )
            for session in found.auto_paging_iter():
                if _ours(session.to_dict()):
                    yield CheckoutId(session.id)

    def undelivered(self, *, since: datetime) -> Iterator[PaymentKey]:
        """Return the payments of events since then that never reached us."""
        with translated():
            found = self.access().v1.events.list(
                {
                    "created": {"gte": int(since.timestamp())},
                    "delivery_success": False,
                    "types": list(EVENT_TYPES),
                    "limit": PAGE,
                }
            )
            for event in found.auto_paging_iter():
                key = _subject(event.to_dict())
                if key is not None:
                    yield key

    def subject_of(self, event_id: str) -> PaymentKey | None:
        """Return what an event is about; ``None`` if it does not concern Echoes. `NotFound`."""
        import stripe

        with translated():
            try:
                event = self.access().v1.events.retrieve(event_id)
            except stripe.InvalidRequestError as error:
                if is_missing(error):
                    raise NotFound("Stripe no longer has this event") from error
                raise
        return _subject(event.to_dict())

    def _session(self, key: PaymentKey) -> Json | None:
        client, expand = self.access(), "payment_intent.latest_charge"
        if key.about is PaymentObject.CHECKOUT:
            return client.v1.checkout.sessions.retrieve(key.id, {"expand": [expand]}).to_dict()
        payment_id = self._payment_id(key)
        if payment_id is None:
            return None
        found = client.v1.checkout.sessions.list(
            {"payment_intent": payment_id, "limit": 1, "expand": [f"data.{expand}"]}
        ).data
        return found[0].to_dict() if found else None

    def _payment_id(self, key: PaymentKey) -> str | None:
        """Return the payment that an object belongs to: thin events only name the object."""
        client = self.access().v1
        thing: Any
        match key.about:
            case PaymentObject.PAYMENT | PaymentObject.CHECKOUT:
                return key.id
            case PaymentObject.CHARGE:
                thing = client.charges.retrieve(key.id)
            case PaymentObject.REFUND:
                thing = client.refunds.retrieve(key.id)
            case PaymentObject.DISPUTE:
                thing = client.disputes.retrieve(key.id)
            case PaymentObject.FRAUD_WARNING:
                thing = client.radar.early_fraud_warnings.retrieve(key.id)
        found = thing.to_dict().get("payment_intent")
        return found if isinstance(found, str) else None

    def _view(self, session: Json, payment: Json) -> PaymentView:
        client, payment_id = self.access().v1, str(payment["id"])
        charge = payment.get("latest_charge")
        refunds = client.refunds.list({"payment_intent": payment_id, "limit": PAGE})
        disputes = client.disputes.list({"payment_intent": payment_id, "limit": PAGE})
        warnings = client.radar.early_fraud_warnings.list(
            {"payment_intent": payment_id, "limit": PAGE}
        )
        return PaymentView(
            checkout=_checkout(session, payment),
            charged=int(charge["amount"]) if isinstance(charge, dict) else 0,
            refunds=tuple(
                Refund(amount=refund.amount, status=refund.status or "succeeded")
                for refund in refunds.auto_paging_iter()
            ),
            disputes=tuple(_dispute(each.to_dict()) for each in disputes.auto_paging_iter()),
            fraud_warnings=tuple(warning.id for warning in warnings.auto_paging_iter()),
        )


def _checkout(session: Json, payment: Json | None) -> Checkout:
    metadata = session.get("metadata") or {}
    owner, reference = metadata.get("user_id"), session.get("client_reference_id")
    order_id = metadata.get("order_id")
    return Checkout(
        checkout_id=CheckoutId(session["id"]),
        live=bool(session["livemode"]),
        ours=_ours(session),
        mode=session["mode"],
        status=session["status"],
        payment_status=session["payment_status"],
        owner_id=OwnerId(owner) if owner and owner == reference else None,
        order_id=OrderId(order_id) if order_id else None,
        currency=session["currency"],
        amount_subtotal=int(session["amount_subtotal"] or 0),
        amount_total=int(session["amount_total"] or 0),
        payment_id=PaymentId(payment["id"]) if payment else None,
        payment_failed=payment is not None and payment["status"] in FAILED_PAYMENTS,
    )


def _dispute(dispute: Json) -> Dispute:
    return Dispute(
        dispute_id=dispute["id"],
        amount=int(dispute["amount"]),
        status=dispute["status"],
        moved=tuple(int(each["amount"]) for each in dispute.get("balance_transactions") or ()),
    )


def _ours(session: Json) -> bool:
    return (session.get("metadata") or {}).get("app") == APP


def _subject(event: Json) -> PaymentKey | None:
    try:
        return subject_of(event)
    except BadMessage:
        return None
