"""The checkout and the dashboard, as a browser without JavaScript uses them."""

import re

import requests
import stripe

from dev.simulators.stripe.simulator import StripeSimulator
from tests.support.stripe_simulator import session_params


def forms(page: str) -> list[str]:
    return re.findall(r'action="([^"]+)"', page)


def test_a_buyer_pays_on_the_page_with_a_code_after_a_declined_card(
    sim: StripeSimulator, sdk: stripe.StripeClient
) -> None:
    """Open, decline, apply a code, pay: back at the shop with the session's id."""
    made = sdk.v1.checkout.sessions.create(session_params())
    page = requests.get(str(made.url), timeout=5)
    assert page.status_code == 200
    assert "$49.99" in page.text
    assert "1000 credits" in page.text
    assert "<script" not in page.text
    assert not re.search(r'(src|href)="https?:', page.text)
    root = f"/c/pay/{made.id}"
    assert {f"{root}/{move}" for move in ("pay", "decline", "pay_later", "abandon", "code")} == set(
        forms(page.text)
    )
    declined = requests.post(f"{made.url}/decline", timeout=5)
    assert (declined.status_code, "declined" in declined.text) == (402, True)
    wrong = requests.post(f"{made.url}/code", data={"code": "<b>"}, timeout=5)
    assert (wrong.status_code, "This code is invalid." in wrong.text) == (400, True)
    applied = requests.post(f"{made.url}/code", data={"code": "HALF"}, timeout=5)
    assert "$24.99" in applied.text
    back = requests.post(f"{made.url}/pay", timeout=5, allow_redirects=False)
    assert back.status_code == 303
    assert back.headers["Location"] == f"http://127.0.0.1:9/return?session_id={made.id}"
    read = sdk.v1.checkout.sessions.retrieve(made.id)
    assert (read.payment_status, read.amount_subtotal, read.amount_total) == ("paid", 4999, 2499)
    twice = requests.post(f"{made.url}/pay", timeout=5, allow_redirects=False)
    assert twice.status_code == 303
    assert len(sim.events()) == 1


def test_a_buyer_may_leave_or_come_too_late(sim: StripeSimulator, sdk: stripe.StripeClient) -> None:
    """Leaving goes to the shop's cancel page; an expired page says that nothing was charged."""
    made = sdk.v1.checkout.sessions.create(session_params())
    left = requests.post(f"{made.url}/abandon", timeout=5, allow_redirects=False)
    assert (left.status_code, left.headers["Location"]) == (303, "http://127.0.0.1:9/billing")
    sim.advance(2000)
    late = requests.get(str(made.url), timeout=5)
    assert (late.status_code, "You have not been charged" in late.text) == (404, True)
    assert requests.get(f"{sim.url}/c/pay/cs_test_none", timeout=5).status_code == 404


def test_what_the_shop_sends_is_shown_as_text(
    sim: StripeSimulator, sdk: stripe.StripeClient
) -> None:
    """A product named like a script stays a name, on the page and on the dashboard."""
    data = {"currency": "usd", "unit_amount": 500, "product_data": {"name": "<script>1</script>"}}
    made = sdk.v1.checkout.sessions.create(
        session_params(
            line_items=[{"price_data": data, "quantity": 1}], client_reference_id="<script>2"
        )
    )
    for url in (str(made.url), f"{sim.url}/dashboard"):
        assert "<script" not in requests.get(url, timeout=5).text


def test_the_dashboard_moves_payments(sim: StripeSimulator, sdk: stripe.StripeClient) -> None:
    """Each button of the dashboard does what it says, and the page shows what became of it."""
    made = sdk.v1.checkout.sessions.create(session_params())
    root = f"{sim.url}/dashboard"

    def press(action: str, **fields: str) -> str:
        reply = requests.post(f"{root}/{action}", data=fields, timeout=5)
        assert reply.status_code == 200, reply.text
        return reply.text

    sim.pay_later(made.id)
    press(f"sessions/{made.id}/async_succeed")
    intent = str(sdk.v1.checkout.sessions.retrieve(made.id).payment_intent)
    assert f"/dashboard/payments/{intent}/refund" in forms(
        press(f"payments/{intent}/refund", amount="1000")
    )
    [refund] = sdk.v1.refunds.list().data
    press(f"refunds/{refund.id}/fail")
    press(f"payments/{intent}/fraud_warning")
    press(f"payments/{intent}/dispute", kind="inquiry")
    [dispute] = sdk.v1.disputes.list().data
    press(f"disputes/{dispute.id}/withdraw")
    shown = press(f"disputes/{dispute.id}/win")
    press(f"events/{sim.events()[0]['id']}/resend")
    assert sdk.v1.disputes.retrieve(dispute.id).status == "won"
    for action in forms(shown):
        assert action.startswith("/dashboard/")
    refused = requests.post(f"{root}/disputes/{dispute.id}/win", timeout=5)
    assert (refused.status_code, "This dispute is won." in refused.text) == (400, True)
