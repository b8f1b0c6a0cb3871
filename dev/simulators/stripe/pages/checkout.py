"""The hosted checkout page: what the buyer sees and clicks."""

from html import escape
from typing import Final
from urllib.parse import parse_qs

from dev.simulators.core.request import Request
from dev.simulators.core.response import JsonObject, Response
from dev.simulators.stripe.errors import StripeFailure
from dev.simulators.stripe.pages.layout import button, money, page
from dev.simulators.stripe.resources.actions import Actions
from dev.simulators.stripe.resources.checkout import Checkout
from dev.simulators.stripe.resources.sessions import presentment
from dev.simulators.stripe.responses import html_response, redirect
from dev.simulators.stripe.settings import Settings
from dev.simulators.stripe.store import Store

PREFIX: Final = "/c/pay/"
_DECLINED: Final = "Your card was declined. You have not been charged. Try another way to pay."
_MAX_CODE: Final = 50


class CheckoutPage:
    """Answers requests below `/c/pay/`."""

    def __init__(self, store: Store, checkout: Checkout, actions: Actions) -> None:
        self._store = store
        self._checkout = checkout
        self._actions = actions

    def handle(self, request: Request, settings: Settings) -> Response:
        """Show the page, or do what one of its buttons asks for and redirect the browser."""
        session_id, _, move = request.path.removeprefix(PREFIX).partition("/")
        try:
            with self._store.transaction():
                self._checkout.expire_overdue()
            if request.method == "GET" and not move:
                return self._show(session_id, settings)
            if request.method == "POST":
                return self._move(session_id, move, request, settings)
        except StripeFailure as failure:
            if failure.status == 404:  # noqa: PLR2004  # Not Found
                return _gone("This page does not exist", "Check the link, or start again.")
            return self._show(session_id, settings, problem=str(failure))
        return html_response(405, page("Not allowed", "<h1>Not allowed</h1>"))

    def _move(self, session_id: str, move: str, request: Request, settings: Settings) -> Response:
        session = self._checkout.session(session_id)
        if session["status"] != "open":
            return self._closed(session)
        if move == "code":
            fields = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
            code = fields.get("code", [""])[0][:_MAX_CODE]
            with self._store.transaction():
                self._checkout.apply_code(session_id, code)
            return redirect(f"{PREFIX}{session_id}")
        if move == "abandon":
            return redirect(str(session["cancel_url"] or f"{PREFIX}{session_id}"))
        if move == "decline":
            self._actions.perform("sessions", session_id, "decline")
            return self._show(session_id, settings, problem=_DECLINED)
        if move not in ("pay", "pay_later"):
            return _gone("This page does not exist", "Check the link, or start again.")
        self._actions.perform("sessions", session_id, move)
        return redirect(success_url(session))

    def _show(self, session_id: str, settings: Settings, *, problem: str | None = None) -> Response:
        session = self._checkout.session(session_id)
        if session["status"] != "open":
            return self._closed(session)
        root = f"{PREFIX}{session_id}"
        total = money(session["amount_total"], session["currency"])
        body = [
            '<p><span class="tag">Stripe simulator · no money moves</span></p>',
            f'<h1>Your order</h1><p class="total">{escape(total)}</p>',
            self._presented(session, settings),
            f'<p class="note" role="alert">{escape(problem)}</p>' if problem else "",
            f'<section class="card" aria-label="Order summary">{self._summary(session)}</section>',
            _code_form(session, root) if session["allow_promotion_codes"] else "",
            '<section class="stack" aria-label="Payment">',
            _ways_to_pay(session, root, total),
            "</section>",
        ]
        status = 402 if problem == _DECLINED else 400 if problem else 200
        return html_response(status, page(f"Pay {total}", "".join(body)))

    def _presented(self, session: JsonObject, settings: Settings) -> str:
        shown = presentment(
            session, currency=settings.presentment_currency, rate=settings.presentment_rate
        )
        if shown is None:
            return ""
        amount = money(shown["presentment_amount"], shown["presentment_currency"])
        return f'<p class="dim">You pay {escape(amount)} in your currency.</p>'

    def _summary(self, session: JsonObject) -> str:
        currency = session["currency"]
        rows = [
            (f"{line['description']} \u00d7 {line['quantity']}", line["amount_subtotal"], "")
            for line in self._checkout.lines(session["id"])
        ]
        details = session["total_details"]
        if details["amount_discount"]:
            rows.append(("Discount", -details["amount_discount"], ""))
        if session["automatic_tax"]["enabled"]:
            rows.append(("Tax", details["amount_tax"], ""))
        rows.append(("Total", session["amount_total"], ' class="sum"'))
        return "<dl>{}</dl>".format(
            "".join(
                f"<dt{kind}>{escape(name)}</dt><dd{kind}>{escape(money(amount, currency))}</dd>"
                for name, amount, kind in rows
            )
        )

    def _closed(self, session: JsonObject) -> Response:
        if session["status"] == "complete":
            return redirect(success_url(session))
        return _gone("This checkout has expired", "You have not been charged. Start again.")


def success_url(session: JsonObject) -> str:
    """Return where the buyer goes after paying."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _code_form(session: JsonObject, root: str) -> str:
    if session["discounts"]:
        code = str(session["discounts"][0]["promotion_code"]).removeprefix("promo_")
        hidden = '<input type="hidden" name="code" value="">'
        removal = button(f"{root}/code", "Remove", fields=hidden)
        return (
            f'<section class="card">Code <strong>{escape(code)}</strong> applied. '
            f"{removal}</section>"
        )
    return (
        f'<form class="card" method="post" action="{root}/code"><label for="code">Promotion code'
        '</label><div class="row"><input id="code" name="code" autocomplete="off" maxlength="50" '
        'required aria-describedby="codes"><button>Apply</button></div>'
        '<span class="dim" id="codes">HALF takes 50 % off, FREE everything.</span></form>'
    )


def _ways_to_pay(session: JsonObject, root: str, total: str) -> str:
    free = session["amount_total"] == 0
    buttons = [button(f"{root}/pay", "Complete order" if free else f"Pay {total}", main=True)]
    if not free:
        buttons.append(button(f"{root}/decline", "Pay with a card that is declined"))
        buttons.append(button(f"{root}/pay_later", "Pay later, by bank debit"))
    if session["cancel_url"]:
        buttons.append(button(f"{root}/abandon", "Back, without paying"))
    return "".join(buttons)


def _gone(title: str, text: str) -> Response:
    body = f"<h1>{escape(title)}</h1><p>{escape(text)}</p>"
    return html_response(404, page(title, body))
