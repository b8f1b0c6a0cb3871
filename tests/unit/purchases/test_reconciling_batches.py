"""The worker on a batch of the queue: what is done stays done, the rest is retried."""

import json
from typing import Any, cast

import pytest

from echoes.application.purchases.reconcile_payment import ReconcilePayment
from echoes.domain.purchases.packs import PACKS
from echoes.tasks.payments import reconcile, sweep
from tests.support.factories import an_owner
from tests.support.payments_harness import PaymentsHarness, checkout_of, open_harness


def a_message(
    harness: PaymentsHarness, number: int, *, group: str = "", body: str | None = None
) -> dict[str, Any]:
    """Return the oldest waiting notice as Lambda hands it over."""
    if body is None:
        notice = harness.queue.notices.pop(0)
        group = group or notice.group
        body = json.dumps(
            {
                "event_id": notice.event_id,
                "event_type": notice.event_type,
                "about": notice.key.about,
                "id": notice.key.id,
            }
        )
    return {
        "messageId": f"m-{number}",
        "body": body,
        "attributes": {"MessageGroupId": group, "ApproximateReceiveCount": "1"},
    }


def failed(answer: Any) -> list[str]:  # noqa: ANN401  # the answer to Lambda
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_each_buyers_payment_is_settled() -> None:
    """PY5: one batch, several buyers."""
    with open_harness() as harness:
        owners = [an_owner(), an_owner()]
        for owner in owners:
            for event in harness.simulator.pay(checkout_of(harness.order(owner))):
                harness.hear(event["id"])
        batch = {"Records": [a_message(harness, number) for number in range(2)]}
        assert failed(reconcile(batch, reconcile_payment=harness.reconcile)) == []
        assert {harness.ledger.account(owner).available for owner in owners} == {PACKS[0].credits}


def test_one_buyers_trouble_stops_only_that_buyer() -> None:
    """The rest of the group waits behind its failure; the others go on."""
    with open_harness() as harness:
        lost, fine = an_owner(), an_owner()
        order = harness.order(lost)
        for each in (order, harness.order(fine)):
            for event in harness.simulator.pay(checkout_of(each)):
                harness.hear(event["id"])
        harness.simulator.refund(checkout_of(order))
        del harness.orders._orders[order.owner_id, order.order_id]
        first, other = a_message(harness, 0), a_message(harness, 1)
        again = first | {"messageId": "m-2"}
        answer = reconcile({"Records": [first, other, again]}, reconcile_payment=harness.reconcile)
        assert failed(answer) == ["m-0", "m-2"]
        assert harness.ledger.account(fine).available == PACKS[0].credits


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"about": "cow"}'])
def test_a_message_nobody_can_read_is_left_for_people(body: str) -> None:
    """It is retried until it is a dead letter; its neighbours are settled."""
    with open_harness() as harness:
        owner = an_owner()
        for event in harness.simulator.pay(checkout_of(harness.order(owner))):
            harness.hear(event["id"])
        poison = a_message(harness, 0, group="somebody", body=body)
        batch = {"Records": [poison, a_message(harness, 1)]}
        assert failed(reconcile(batch, reconcile_payment=harness.reconcile)) == ["m-0"]
        assert harness.ledger.account(owner).available == PACKS[0].credits


def test_a_mistake_of_ours_loses_no_message() -> None:
    """After any exception, the message is retried."""
    with open_harness() as harness:
        for event in harness.simulator.pay(checkout_of(harness.order(an_owner()))):
            harness.hear(event["id"])

        def broken(_key: object) -> None:
            raise RuntimeError("a mistake")

        batch = {"Records": [a_message(harness, 0)]}
        assert failed(reconcile(batch, reconcile_payment=cast("ReconcilePayment", broken))) == [
            "m-0"
        ]


def test_a_sweep_tells_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """Operators see what webhooks missed."""
    with open_harness() as harness:
        harness.simulator.pay(checkout_of(harness.order(an_owner())))
        numbers = sweep(sweep_payments=harness.sweep)
    assert (numbers["found"], numbers["errors"]) == (1, 0)
    assert "PaymentSweepFound" in capsys.readouterr().out
