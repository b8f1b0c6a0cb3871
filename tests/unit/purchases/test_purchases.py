"""What a payment means in credits, by pure rules."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoes.domain.errors import InvalidRequest
from echoes.domain.identifiers import CheckoutId, Credits, OrderId, PackId
from echoes.domain.purchases.orders import Order, OrderState, moved, new_order, opened, supersedes
from echoes.domain.purchases.packs import PACKS, pack_of, smallest_covering_pack
from echoes.domain.purchases.payments import (
    Checkout,
    Dispute,
    PaymentView,
    QuarantineReason,
    Refund,
    mismatch,
    quarantine_reason_of,
    target_reversal,
)
from tests.support.factories import NOON, an_id, an_owner

cents = st.integers(0, 20_000)

CHECKOUT = Checkout(
    checkout_id=CheckoutId("cs_test_1"),
    live=False,
    ours=True,
    mode="payment",
    status="complete",
    payment_status="paid",
    owner_id=an_owner(),
    order_id=OrderId(an_id()),
    currency="usd",
    amount_subtotal=990,
    amount_total=990,
)


@given(refunded=cents, disputed=cents, charged=cents, bought=st.integers(1, 1000))
def test_a_reversal_never_exceeds_what_was_bought(
    refunded: int, disputed: int, charged: int, bought: int
) -> None:
    """L13: refund and dispute together take at most the purchase, and nothing of a gift."""
    target = target_reversal(
        refunded=refunded, disputed=disputed, charged=charged, credits=Credits(bought)
    )
    assert 0 <= target <= bought
    assert target == 0 or charged > 0
    if charged and refunded + disputed >= charged:
        assert target == bought


@given(first=cents, more=cents, charged=cents, bought=st.integers(1, 1000))
def test_more_money_back_never_takes_fewer_credits(
    first: int, more: int, charged: int, bought: int
) -> None:
    """L13: the target grows with what was given back."""

    def target(refunded: int) -> int:
        return target_reversal(
            refunded=refunded, disputed=0, charged=charged, credits=Credits(bought)
        )

    assert target(first) <= target(first + more)


def test_parts_are_rounded_in_the_buyers_favour() -> None:
    """A credit that is not refunded whole is not taken."""
    target = target_reversal(refunded=99, disputed=0, charged=990, credits=Credits(10))
    almost = target_reversal(refunded=98, disputed=0, charged=990, credits=Credits(10))
    assert (target, almost) == (1, 0)


@pytest.mark.parametrize(
    ("status", "moved", "taken"),
    [
        ("warning_needs_response", (), 0),
        ("warning_under_review", (), 0),
        ("warning_closed", (), 0),
        ("prevented", (), 0),
        ("needs_response", (), 500),
        ("needs_response", (-500,), 500),
        ("under_review", (-500,), 500),
        ("lost", (-500,), 500),
        ("appeal_needs_response", (-500,), 500),
        ("under_review", (-500, 500), 0),
        ("won", (-500,), 0),
        ("won", (-500, 500), 0),
    ],
)
def test_a_dispute_takes_what_the_bank_took(
    status: str, moved: tuple[int, ...], taken: int
) -> None:
    """PY3: inquiries and won disputes take nothing; the rest what their transactions say."""
    dispute = Dispute(dispute_id="dp_1", amount=500, status=status, moved=moved)
    assert dispute.taken == taken


def test_refunds_that_did_not_happen_do_not_count() -> None:
    """A failed or cancelled refund gives the credits back; a pending one has taken them."""
    refunds = [
        Refund(amount=amount, status=status)
        for amount, status in ((1, "pending"), (2, "requires_action"), (4, "succeeded"))
    ] + [Refund(amount=8, status="failed"), Refund(amount=16, status="canceled")]
    assert PaymentView(checkout=CHECKOUT, refunds=refunds).refunded == 7


@pytest.mark.parametrize(
    ("status", "payment_status", "failed", "state"),
    [
        ("open", "unpaid", False, OrderState.OPEN),
        ("complete", "unpaid", False, OrderState.AWAITING_PAYMENT),
        ("complete", "unpaid", True, OrderState.FAILED),
        ("complete", "paid", False, OrderState.PAID),
        ("complete", "no_payment_required", False, OrderState.PAID),
        ("expired", "unpaid", False, OrderState.EXPIRED),
    ],
)
def test_completed_does_not_mean_paid(
    status: str,
    payment_status: str,
    failed: bool,  # noqa: FBT001  # a case of the table
    state: OrderState,
) -> None:
    """PY3: only paid, or free by a promotion code, is paid."""
    checkout = replace(
        CHECKOUT, status=status, payment_status=payment_status, payment_failed=failed
    )
    assert checkout.state is state
    assert checkout.paid == (state is OrderState.PAID)


def test_paid_is_final_and_late_news_changes_nothing() -> None:
    """An async failure, an expiry, an older look: none undoes a paid order."""
    order = moved(an_order(), OrderState.PAID, at=NOON)
    assert not any(supersedes(order, state) for state in OrderState)
    failed = moved(an_order(), OrderState.FAILED, at=NOON)
    assert [state for state in OrderState if supersedes(failed, state)] == [OrderState.PAID]


def test_what_differs_from_the_order_buys_nothing() -> None:
    """L11: owner, mode, currency, amount and page must be those of the order."""
    order = an_order()
    fits = replace(
        CHECKOUT,
        owner_id=order.owner_id,
        order_id=order.order_id,
        amount_subtotal=order.amount_cents,
    )
    assert mismatch(fits, order) is None
    assert mismatch(replace(fits, amount_total=1), order) is None, "a promotion code, or a tax"
    assert mismatch(replace(fits, owner_id=an_owner()), order) is QuarantineReason.OTHER_OWNER
    assert mismatch(replace(fits, mode="setup"), order) is QuarantineReason.NOT_A_PAYMENT
    assert mismatch(replace(fits, currency="eur"), order) is QuarantineReason.OTHER_CURRENCY
    assert mismatch(replace(fits, amount_subtotal=1), order) is QuarantineReason.OTHER_AMOUNT
    other = opened(order, CheckoutId("cs_test_2"), "https://x.example", at=NOON)
    assert mismatch(fits, other) is QuarantineReason.OTHER_CHECKOUT


def test_live_and_test_never_mix() -> None:
    """PY7: a payment of the other mode grants nothing."""
    assert quarantine_reason_of(CHECKOUT, live=True) is QuarantineReason.OTHER_MODE
    assert (
        quarantine_reason_of(replace(CHECKOUT, live=True), live=False)
        is QuarantineReason.OTHER_MODE
    )
    assert quarantine_reason_of(CHECKOUT, live=False) is None


def test_the_smallest_pack_that_would_do_is_named() -> None:
    """A 402 offers enough and not more; beyond the largest pack, the largest."""
    assert smallest_covering_pack(Credits(1)) is PACKS[0]
    assert smallest_covering_pack(PACKS[0].credits) is PACKS[0]
    assert smallest_covering_pack(Credits(PACKS[0].credits + 1)) is PACKS[1]
    assert smallest_covering_pack(Credits(10_000)) is PACKS[-1]


def test_larger_packs_make_each_credit_cheaper() -> None:
    """Buying more at once never costs more for each credit."""
    prices = [pack.amount_cents / pack.credits for pack in PACKS]
    assert prices == sorted(prices, reverse=True)
    assert [pack.credits for pack in PACKS] == sorted(pack.credits for pack in PACKS)


def test_a_pack_that_is_not_sold_is_refused() -> None:
    """Prices come from our catalogue only."""
    with pytest.raises(InvalidRequest):
        pack_of(PackId("a-million-for-a-cent"))


@pytest.mark.parametrize(
    "path", ["/", "/projects", "/projects/abc?tab=film", "/a/b-c_d.e~f", "/p?x=1&y=%20z"]
)
def test_our_own_pages_may_be_returned_to(path: str) -> None:
    """The buyer comes back to where they were."""
    assert an_order(path).return_to == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "projects",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a//b",
        "/../admin",
        "/a/./b",
        "/a/..",
        "/a#fragment",
        "/a\n",
        "/a\r\nLocation: https://evil.example",
        "/ä",
        "/a b",
        "@evil.example",
        ".evil.example",
        "/" + "a" * 500,
    ],
)
def test_nobody_is_sent_elsewhere(path: str) -> None:
    """No open redirect: only plain paths of our own pages."""
    with pytest.raises(InvalidRequest):
        an_order(path)


def an_order(return_to: str | None = None) -> Order:
    return new_order(OrderId(an_id()), an_owner(), PACKS[0], return_to=return_to, at=NOON)
