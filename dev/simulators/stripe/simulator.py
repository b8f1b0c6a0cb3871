"""The whole simulator as one object, for tests in the same process and for the command line."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from dev.simulators.core.control import PREFIX as CONTROLS
from dev.simulators.core.request import Request
from dev.simulators.core.response import JsonObject, Response
from dev.simulators.core.server import Server
from dev.simulators.stripe.control import Control
from dev.simulators.stripe.pages.checkout import PREFIX as PAGES
from dev.simulators.stripe.pages.checkout import CheckoutPage
from dev.simulators.stripe.pages.dashboard import PATH as DASHBOARD
from dev.simulators.stripe.pages.dashboard import Dashboard
from dev.simulators.stripe.resources.actions import Details
from dev.simulators.stripe.resources.disputes import DisputeKind
from dev.simulators.stripe.responses import STRIPE
from dev.simulators.stripe.service import StripeService
from dev.simulators.stripe.settings import EXAMPLE_API_KEY, Settings
from dev.simulators.stripe.webhooks.destinations import FIRST
from dev.simulators.stripe.webhooks.events import SignedBody, Spoil

Events = list[JsonObject]


class StripeSimulator:
    """
    Stripe on a loopback port.

    Use it as a context manager: it listens from `__enter__` to `__exit__`. With `listen=False` it
    opens no socket; reach it by `InProcessClient`. `stepping` holds every event back until
    `deliver` or `release` is called, or `signed` is handed to a handler. With a `state` directory
    it continues where it was stopped or killed. Every move returns the events it made.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        port: int = 0,
        state: Path | None = None,
        stepping: bool = False,
        listen: bool = True,
        api_key: str | None = EXAMPLE_API_KEY,
    ) -> None:
        initial = settings or Settings()
        self._settings = initial.model_copy(update={"hold": True}) if stepping else initial
        self._port = port
        self._state = state
        self._listen = listen
        self._api_key = api_key

    def __enter__(self) -> Self:
        self.url = "http://stripe.test"
        if self._listen:
            # Bound first: a port that is taken must not touch the state of the one who has it.
            self._server = Server(STRIPE, self.respond, port=self._port)
            self.url = self._server.url
        self.service = StripeService(
            self._settings, url=self.url, state=self._state, api_key=self._api_key
        )
        self._control = Control(self.service)
        self._page = CheckoutPage(self.service.store, self.service.checkout, self.service.actions)
        self._dashboard = Dashboard(self.service)
        if self._listen:
            self.service.start()
            self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._listen:
            self._server.stop()
        self.service.close()

    def respond(self, request: Request) -> Response:
        """Answer one request as the socket would; HEAD is answered like GET, without the body."""
        if request.method == "HEAD":
            request = replace(request, method="GET")
        if request.path.startswith(CONTROLS):
            return self._control.handle(request)
        if request.path.startswith(PAGES):
            return self._page.handle(request, self.service.settings)
        if request.path == DASHBOARD or request.path.startswith(f"{DASHBOARD}/"):
            return self._dashboard.handle(request)
        return self.service.api.handle(request)

    @property
    def api_key(self) -> str:
        """Return a key that is admitted."""
        return self._api_key or EXAMPLE_API_KEY

    @property
    def webhook_secret(self) -> str:
        """Return the first secret that signs events."""
        return self.service.deliveries.destinations()[0].secrets[0]

    # The buyer's, the bank's and the seller's moves.

    def pay(self, session_id: str) -> Events:
        """Let the buyer pay by card."""
        return self._session(session_id, "pay")

    def pay_later(self, session_id: str) -> Events:
        """Let the buyer choose a delayed method."""
        return self._session(session_id, "pay_later")

    def decline(self, session_id: str) -> Events:
        """Let the buyer's card be declined."""
        return self._session(session_id, "decline")

    def expire(self, session_id: str) -> Events:
        """End an open session."""
        return self._session(session_id, "expire")

    def async_succeed(self, session_id: str) -> Events:
        """Let a delayed payment arrive."""
        return self._session(session_id, "async_succeed")

    def async_fail(self, session_id: str) -> Events:
        """Let a delayed payment fail."""
        return self._session(session_id, "async_fail")

    def apply_code(self, session_id: str, code: str) -> JsonObject:
        """Let the buyer type a promotion code; return the session."""
        with self.service.store.transaction():
            return self.service.checkout.apply_code(session_id, code)

    def refund(
        self, payment: str, amount: int | None = None, *, pending: bool = False
    ) -> tuple[JsonObject, Events]:
        """Refund a payment, named by PaymentIntent or session; return the refund and the events."""
        details = Details(amount=amount, pending=pending)
        return self.service.actions.perform("payments", payment, "refund", details)

    def move_refund(self, refund_id: str, move: str) -> Events:
        """Let a refund `succeed`, `fail` or be `cancel`led."""
        return self.service.actions.perform("refunds", refund_id, move)[1]

    def dispute(
        self,
        payment: str,
        *,
        kind: str = "chargeback",
        amount: int | None = None,
        withdraw: bool = True,
    ) -> tuple[JsonObject, Events]:
        """Open an `inquiry` or a `chargeback`; return the dispute and the events."""
        details = Details(kind=DisputeKind(kind), amount=amount, withdraw=withdraw)
        return self.service.actions.perform("payments", payment, "dispute", details)

    def move_dispute(self, dispute_id: str, move: str) -> Events:
        """`withdraw`, `reinstate`, `answer`, `win`, `lose` or `close_inquiry` a dispute."""
        return self.service.actions.perform("disputes", dispute_id, move)[1]

    def fraud_warning(self, payment: str) -> tuple[JsonObject, Events]:
        """Let the issuer warn of fraud; return the warning and the events."""
        return self.service.actions.perform("payments", payment, "fraud_warning")

    # The catalogue, time and faults.

    def add_price(
        self, price_id: str, *, name: str, unit_amount: int, currency: str = "usd"
    ) -> JsonObject:
        """Put a price into the catalogue."""
        return self.service.add_price(
            price_id, name=name, unit_amount=unit_amount, currency=currency
        )

    def advance(self, seconds: float) -> None:
        """Move Stripe's time on; sessions whose time is over expire."""
        self.service.advance(seconds)

    def change(self, **changes: object) -> None:
        """Change settings by name, at once."""
        self.service.change(**changes)

    def inject(self, fault: str, *, count: int = 1, on: str = "any") -> None:
        """Let the next `count` requests of an operation meet a fault such as `lost_reply`."""
        self.service.inject(fault, count=count, on=on)

    def requests(self) -> dict[str, int]:
        """Return how often each operation was asked for, by outcome."""
        return self.service.api.counts()

    def reset(self) -> None:
        """Forget everything but the destinations."""
        self.service.reset()

    # Webhooks.

    def set_webhook(
        self, url: str | None, *, secrets: Sequence[str] = (), payload: str = "snapshot"
    ) -> None:
        """Send events there, signed with each of the secrets (default: the present ones)."""
        kept = self.service.deliveries.destinations()[0].secrets
        self.service.set_webhook(FIRST, url=url, secrets=secrets or kept, payload=payload)

    def plan(self, mode: str, *, count: int = 1, kind: str | None = None) -> None:
        """Deliver the next events in a mode such as `duplicate=3, delay=1`."""
        self.service.plan(mode, count=count, kind=kind)

    def events(self) -> Events:
        """Return every event, oldest first."""
        return self.service.store.select("event")

    def pending_events(self) -> Events:
        """Return the events, oldest first, that have not arrived and are not lost."""
        return self.service.deliveries.waiting()

    def deliver(
        self, event_id: str, *, duplicates: int = 1, spoil: str | None = None
    ) -> list[int | str]:
        """Send an event now, `duplicates` times at once; return the statuses of the responses."""
        wrong = Spoil(spoil) if spoil else None
        return self.service.deliveries.deliver(event_id, copies=duplicates, spoil=wrong)

    def signed(self, event_id: str, *, spoil: str | None = None) -> SignedBody:
        """Return the body and headers of a delivery, to hand to a handler without a socket."""
        return self.service.deliveries.signed(event_id, spoil=Spoil(spoil) if spoil else None)

    def mark(self, event_id: str, state: str) -> None:
        """Set the state of an event's deliveries: `delivered`, `lost`, `held` or `pending`."""
        self.service.deliveries.mark(event_id, state)

    def release(self, *, seed: int | None = None) -> list[tuple[str, list[int | str]]]:
        """Deliver all that waits, one after the other, shuffled if there is a seed."""
        return self.service.deliveries.release(seed=seed)

    def deliveries(self) -> list[JsonObject]:
        """Return every delivery with its state and attempts."""
        return self.service.store.select("delivery")

    def _session(self, session_id: str, move: str) -> Events:
        return self.service.actions.perform("sessions", session_id, move)[1]
