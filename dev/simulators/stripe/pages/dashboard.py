"""The dashboard: every object, with buttons for what may happen next."""

from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import parse_qs

from pydantic import ValidationError

from dev.simulators.core.request import Request
from dev.simulators.core.response import JsonObject, Response
from dev.simulators.stripe.errors import StripeFailure
from dev.simulators.stripe.pages.layout import button, money, page, tag
from dev.simulators.stripe.resources.actions import Details
from dev.simulators.stripe.responses import html_response, redirect
from dev.simulators.stripe.service import StripeService

PATH: Final = "/dashboard"
_ROWS: Final = 50
"""The newest of each kind; the rest is in the API."""
_GOOD: Final = frozenset(
    {"paid", "succeeded", "won", "delivered", "complete", "no_payment_required"}
)
_BAD: Final = frozenset({"failed", "lost", "expired", "needs_response", "requires_payment_method"})
_AMOUNT: Final = (
    '<input name="amount" inputmode="numeric" placeholder="cents, all" aria-label="Cents">'
)


class Dashboard:
    """Answers requests to `/dashboard`."""

    def __init__(self, service: StripeService) -> None:
        self._service = service

    def handle(self, request: Request) -> Response:
        """Show everything, or make one move and show everything again."""
        if request.method == "GET" and request.path == PATH:
            return self._show()
        parts = request.path.removeprefix(PATH).strip("/").split("/")
        if request.method != "POST" or len(parts) != 3:  # noqa: PLR2004  # noun, id, move
            return html_response(404, page("Not found", "<h1>Not found</h1>"))
        try:
            self._move(*parts, body=request.body)
        except (StripeFailure, ValidationError, KeyError) as error:
            return self._show(problem=str(error))
        return redirect(PATH)

    def _move(self, noun: str, identifier: str, move: str, *, body: bytes) -> None:
        if noun == "events" and move == "resend":
            self._service.deliveries.resend(identifier)
            return
        fields = {name: values[0] for name, values in parse_qs(body.decode("utf-8")).items()}
        details = Details.model_validate(fields)
        self._service.actions.perform(noun, identifier, move, details)

    def _show(self, *, problem: str | None = None) -> Response:
        store = self._service.store
        sections = [
            _table("Sessions", ("Session", "For", "Total", "Status", ""),
                   (_session_row(each) for each in _newest(store.select("checkout.session")))),
            _table("Payments", ("Payment", "Amount", "Refunded", "Status", ""),
                   (self._payment_row(each) for each in _newest(store.select("payment_intent")))),
            _table("Refunds", ("Refund", "Payment", "Amount", "Status", ""),
                   (_refund_row(each) for each in _newest(store.select("refund")))),
            _table("Disputes", ("Dispute", "Payment", "Amount", "Status", ""),
                   (_dispute_row(each) for each in _newest(store.select("dispute")))),
            _table("Events", ("Event", "Type", "About", "Delivery", ""),
                   (self._event_row(each) for each in _newest(store.select("event")))),
        ]  # fmt: skip
        note = f'<p class="note" role="alert">{escape(problem)}</p>' if problem else ""
        head = "<h1>Stripe simulator</h1><p class=dim>Test mode. Reload to see what is new.</p>"
        body = head + note + self._destinations() + "".join(sections)
        return html_response(400 if problem else 200, page("Stripe simulator", body, wide=True))

    def _destinations(self) -> str:
        lines = (
            f"<li><code>{escape(each.url or 'not set: events wait')}</code> "
            f"{tag(each.payload.value)} {tag(f'{len(each.secrets)} secret(s)')}</li>"
            for each in self._service.deliveries.destinations()
        )
        return f"<h2>Webhook</h2><ul>{''.join(lines)}</ul>"

    def _payment_row(self, intent: JsonObject) -> tuple[str, ...]:
        charge = self._service.store.get("charge", intent["latest_charge"]) or {}
        root = f"{PATH}/payments/{intent['id']}"
        moves = ""
        if intent["status"] == "succeeded":
            moves = (
                button(f"{root}/refund", "Refund", fields=_AMOUNT)
                + button(f"{root}/refund", "Refund, pending", fields=_hidden("pending", "true"))
                + button(f"{root}/dispute", "Chargeback")
                + button(f"{root}/dispute", "Inquiry", fields=_hidden("kind", "inquiry"))
                + button(f"{root}/fraud_warning", "Fraud warning")
            )
        return (
            _code(intent["id"]),
            escape(money(intent["amount"], intent["currency"])),
            escape(money(int(charge.get("amount_refunded", 0)), intent["currency"])),
            _status(intent["status"]),
            moves,
        )

    def _event_row(self, event: JsonObject) -> tuple[str, ...]:
        deliveries = self._service.deliveries.of_event(event["id"])
        states = " ".join(
            _status(each["state"]) + f" {len(each['attempts'])}\u00d7" for each in deliveries
        )
        resend = button(f"{PATH}/events/{event['id']}/resend", "Resend")
        about = event["data"]["object"]["id"]
        return _code(event["id"]), escape(event["type"]), _code(about), states, resend


def _session_row(session: JsonObject) -> tuple[str, ...]:
    root = f"{PATH}/sessions/{session['id']}"
    moves = ""
    if session["status"] == "open":
        link = f'<a href="/c/pay/{escape(session["id"])}">Open page</a> '
        moves = link + button(f"{root}/pay", "Pay") + button(f"{root}/expire", "Expire")
    elif session["payment_status"] == "unpaid" and session["status"] == "complete":
        moves = button(f"{root}/async_succeed", "Payment arrives")
        moves += button(f"{root}/async_fail", "Payment fails")
    return (
        _code(session["id"]),
        escape(str(session["client_reference_id"] or "")),
        escape(money(session["amount_total"], session["currency"])),
        _status(session["status"]) + " " + _status(session["payment_status"]),
        moves,
    )


def _refund_row(refund: JsonObject) -> tuple[str, ...]:
    root = f"{PATH}/refunds/{refund['id']}"
    moves = ""
    if refund["status"] == "pending":
        moves = button(f"{root}/succeed", "Arrives") + button(f"{root}/cancel", "Cancel")
    if refund["status"] in ("pending", "succeeded"):
        moves += button(f"{root}/fail", "Fails")
    return (
        _code(refund["id"]),
        _code(refund["payment_intent"]),
        escape(money(refund["amount"], refund["currency"])),
        _status(refund["status"]),
        moves,
    )


def _dispute_row(dispute: JsonObject) -> tuple[str, ...]:
    root = f"{PATH}/disputes/{dispute['id']}"
    labels = {
        "withdraw": "Withdraw funds",
        "answer": "Hand in evidence",
        "win": "Win",
        "lose": "Lose",
        "reinstate": "Reinstate funds",
    }
    if dispute["status"].startswith("warning_"):
        labels["close_inquiry"] = "Close inquiry"
    return (
        _code(dispute["id"]),
        _code(dispute["payment_intent"]),
        escape(money(dispute["amount"], dispute["currency"])),
        _status(dispute["status"]),
        "".join(button(f"{root}/{move}", label) for move, label in labels.items()),
    )


def _table(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows]
    if not lines:
        return f'<h2>{title}</h2><p class="dim">None yet.</p>'
    head = "".join(f'<th scope="col">{escape(each) or "Next"}</th>' for each in heads)
    return (
        f'<h2>{title}</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _newest(items: list[JsonObject]) -> list[JsonObject]:
    return items[::-1][:_ROWS]


def _status(text: str) -> str:
    mood = "good" if text in _GOOD else "bad" if text in _BAD else ""
    return tag(text.replace("_", " "), mood=mood)


def _code(text: object) -> str:
    return f"<code>{escape(str(text))}</code>"


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{value}">'
