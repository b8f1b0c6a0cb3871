"""The life of a Checkout Session: made, priced, paid, declined, paid later, expired."""

from collections.abc import Callable
from typing import Final, Literal

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.api.rules import check_amount, check_metadata, check_session
from dev.simulators.stripe.clock import Clock
from dev.simulators.stripe.errors import StripeFailure, conflict, invalid, missing, refused
from dev.simulators.stripe.resources.basket import Basket
from dev.simulators.stripe.resources.payments import (
    bounced,
    new_customer,
    new_payment_intent,
    settled,
)
from dev.simulators.stripe.resources.sessions import (
    buyer_details,
    new_session,
    presentment,
    price_session,
)
from dev.simulators.stripe.settings import Settings
from dev.simulators.stripe.store import Store
from dev.simulators.stripe.webhooks.deliveries import Deliveries

BUYER_EMAIL: Final = "buyer@example.com"
BUYER_NAME: Final = "Jenny Rosen"

Events = list[JsonObject]


class Checkout:
    """Creates sessions and moves them on; each move returns the events it has made."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: Deliveries,
        settings: Callable[[], Settings],
        *,
        url: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._settings = settings
        self._url = url
        self._basket = Basket(store, clock)

    def create_customer(self, params: JsonObject) -> JsonObject:
        """Create a customer."""
        check_metadata(params.get("metadata"))
        customer = new_customer(params, at=self._clock.now())
        self._store.put("customer", customer)
        return customer

    def create(self, params: JsonObject) -> JsonObject:
        """Create a session with its line items; the buyer pays on the page of its `url`."""
        at = self._clock.now()
        check_session(params, at=at)
        self._check_customer(params)
        lines, currency = self._basket.fill(params["line_items"])
        amount = sum(int(line["amount_subtotal"]) for line in lines)
        check_amount(amount, currency)
        session = new_session(params, amount=amount, currency=currency, url=self._url, at=at)
        session = self._priced(session, percent_off=0.0)
        for given in params.get("discounts", []):
            promotion = self._promotion(given)
            session = self._discounted(session, promotion)
        kept = {
            "id": session["id"],
            "lines": lines,
            "intent_metadata": params.get("payment_intent_data", {}).get("metadata") or {},
        }
        self._store.put("checkout.session", session)
        self._store.put("basket", kept)
        return session

    def expire(self, session_id: str) -> Events:
        """End an open session early."""
        session = self.session(session_id)
        if session["status"] != "open":
            message = (
                'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
                f"Session has a status of `{session['status']}`."
            )
            raise refused(message)
        return self._expire(session)

    def expire_overdue(self) -> None:
        """End the sessions whose time is over."""
        at = self._clock.now()
        for session in self._store.select(
            "checkout.session", lambda item: item["status"] == "open" and item["expires_at"] <= at
        ):
            self._expire(session)

    def apply_code(self, session_id: str, code: str) -> JsonObject:
        """Take a promotion code off an open session's price; an empty one takes it off again."""
        session = self._open(session_id)
        if not session["allow_promotion_codes"]:
            raise invalid("This session takes no promotion codes.", param="promotion_code")
        if code.strip():
            wanted = code.strip().upper()
            found = self._store.select(
                "promotion_code", lambda item: item["active"] and item["code"].upper() == wanted
            )
            if not found:
                raise invalid("This code is invalid.", param="promotion_code")
            session = self._discounted(session, found[0])
        else:
            session = self._priced(session | {"discounts": []}, percent_off=0.0)
        self._store.put("checkout.session", session)
        return session

    def pay(self, session_id: str) -> Events:
        """Let the buyer pay by card; what costs nothing is completed without a payment."""
        session = self._with_buyer(self._open(session_id))
        if session["amount_total"] == 0:
            return self._complete(session, "no_payment_required")
        intent, charge = self._payment(session, "card")
        intent, charge, entry = settled(intent, charge)
        self._store.put("balance_transaction", entry)
        self._put_payment(intent, charge)
        return self._complete(session | {"payment_intent": intent["id"]}, "paid")

    def decline(self, session_id: str) -> Events:
        """Let the card be declined: the session stays open, as it was."""
        self._open(session_id)
        return []

    def pay_later(self, session_id: str) -> Events:
        """Let the buyer pay by a delayed method: complete, but unpaid until the bank confirms."""
        session = self._with_buyer(self._open(session_id))
        if session["amount_total"] == 0:
            return self._complete(session, "no_payment_required")
        intent, charge = self._payment(session, "us_bank_account")
        self._put_payment(intent, charge)
        session |= {"payment_intent": intent["id"], "payment_method_types": ["us_bank_account"]}
        return self._complete(session, "unpaid")

    def async_succeed(self, session_id: str) -> Events:
        """Let the delayed payment arrive."""
        session, intent, charge = self._delayed(session_id)
        intent, charge, entry = settled(intent, charge)
        self._store.put("balance_transaction", entry)
        self._put_payment(intent, charge)
        session["payment_status"] = "paid"
        self._store.put("checkout.session", session)
        return self._events.emit("checkout.session.async_payment_succeeded", session)

    def async_fail(self, session_id: str) -> Events:
        """Let the delayed payment fail: the session stays complete and unpaid."""
        session, intent, charge = self._delayed(session_id)
        self._put_payment(*bounced(intent, charge))
        return self._events.emit("checkout.session.async_payment_failed", session)

    def session(self, session_id: str) -> JsonObject:
        """Return a session; raise `StripeFailure` when there is none."""
        session = self._store.get("checkout.session", session_id)
        if session is None:
            raise missing("checkout.session", session_id, param="session")
        return session

    def lines(self, session_id: str) -> list[JsonObject]:
        """Return the line items of a session."""
        return list((self._store.get("basket", session_id) or {"lines": []})["lines"])

    def _open(self, session_id: str) -> JsonObject:
        session = self.session(session_id)
        if session["status"] != "open":
            message = f"This Checkout Session is {session['status']} and can no longer be paid."
            raise conflict(message)
        return session

    def _delayed(self, session_id: str) -> tuple[JsonObject, JsonObject, JsonObject]:
        session = self.session(session_id)
        intent = self._store.get("payment_intent", session["payment_intent"] or "")
        if intent is None or intent["status"] != "processing":
            raise conflict("No delayed payment is under way here.")
        charge = self._store.get("charge", intent["latest_charge"])
        return session, intent, charge or {}

    def _expire(self, session: JsonObject) -> Events:
        session |= {"status": "expired", "url": None}
        self._store.put("checkout.session", session)
        return self._events.emit("checkout.session.expired", session)

    def _complete(self, session: JsonObject, payment_status: str) -> Events:
        settings = self._settings()
        shown = presentment(
            session, currency=settings.presentment_currency, rate=settings.presentment_rate
        )
        session |= {
            "status": "complete",
            "payment_status": payment_status,
            "presentment_details": shown,
            "url": None,
        }
        if session["automatic_tax"]["enabled"]:
            session["automatic_tax"]["status"] = "complete"
        self._store.put("checkout.session", session)
        return self._events.emit("checkout.session.completed", session)

    def _with_buyer(self, session: JsonObject) -> JsonObject:
        known = self._store.get("customer", session["customer"] or "")
        email = (known or {}).get("email") or session["customer_email"] or BUYER_EMAIL
        name = (known or {}).get("name") or BUYER_NAME
        if known is None and session["customer_creation"] == "always":
            known = new_customer({"email": email, "name": name}, at=self._clock.now())
            self._store.put("customer", known)
        return session | {
            "customer": known["id"] if known else None,
            "customer_details": buyer_details(email=email, name=name),
        }

    def _payment(
        self, session: JsonObject, method: Literal["card", "us_bank_account"]
    ) -> tuple[JsonObject, JsonObject]:
        kept = self._store.get("basket", session["id"]) or {}
        metadata = kept.get("intent_metadata", {})
        return new_payment_intent(session, metadata=metadata, method=method, at=self._clock.now())

    def _put_payment(self, intent: JsonObject, charge: JsonObject) -> None:
        self._store.put("payment_intent", intent)
        self._store.put("charge", charge)

    def _check_customer(self, params: JsonObject) -> None:
        if "customer" not in params:
            return
        customer = self._store.get("customer", params["customer"])
        if customer is None:
            raise missing("customer", params["customer"], param="customer", status=400)
        taxed = params.get("automatic_tax", {}).get("enabled")
        saved = params.get("customer_update", {}).get("address") == "auto"
        if taxed and not saved and not customer["address"]:
            message = (
                "Automatic tax calculation in Checkout requires a valid address on the Customer. "
                "Add a valid address to the Customer or set either `customer_update[address]` to "
                "'auto' or `customer_update[shipping]` to 'auto' to save the address entered in "
                "Checkout to the Customer."
            )
            raise invalid(message, param="automatic_tax", code="customer_tax_location_invalid")

    def _promotion(self, given: JsonObject) -> JsonObject:
        identifier = given.get("promotion_code", "")
        promotion = self._store.get("promotion_code", identifier)
        if promotion is None or not promotion["active"]:
            raise missing("promotion code", identifier, param="discounts", status=400)
        return promotion

    def _discounted(self, session: JsonObject, promotion: JsonObject) -> JsonObject:
        coupon = self._store.get("coupon", promotion["promotion"]["coupon"]) or {}
        priced = self._priced(session, percent_off=float(coupon.get("percent_off") or 0))
        try:
            check_amount(priced["amount_total"], priced["currency"])
        except StripeFailure as error:
            raise invalid("This code leaves too little to pay.", param="promotion_code") from error
        applied = {"coupon": None, "promotion_code": promotion["id"]}
        return priced | {"discounts": [applied]}

    def _priced(self, session: JsonObject, *, percent_off: float) -> JsonObject:
        return price_session(
            session, percent_off=percent_off, tax_percent=self._settings().tax_percent
        )
