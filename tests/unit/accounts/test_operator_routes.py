"""What operators do over HTTP: with a reason, with a trace, and in twos where it is much."""

from datetime import timedelta
from typing import Any

import pytest

from echoes.domain.credits.adjustments import ALONE_UP_TO
from echoes.domain.errors import Unavailable
from echoes.domain.purchases.payment_keys import PaymentObject
from echoes.http.contract.operation import Operation
from echoes.http.identity import Audience
from echoes.http.operations import OPERATIONS
from tests.support.api_description import REQUEST_ID, Reply
from tests.support.http_api import HttpApi, Token
from tests.support.payments_harness import checkout_of

ADMIN = [operation for operation in OPERATIONS if operation.route.audience is Audience.ADMINS]
MUCH = ALONE_UP_TO + 1
WHY = {"reason": "The bank warned of fraud", "ticket": "SUP-7"}


@pytest.fixture
def ann(api: HttpApi) -> Token:
    return api.admin()


@pytest.fixture
def ben(api: HttpApi) -> Token:
    return api.admin()


def adjust(api: HttpApi, admin: Token, user: Token, amount: int, **more: object) -> Reply:
    body = {"user_id": user.subject, "amount": amount, "reason": "Sorry", "ticket": "SUP-1"}
    address = "/admin/v1/credits/adjustments"
    return api.call("POST", address, token=admin, body=body | more)


def asked(api: HttpApi, admin: Token, user: Token, amount: int = MUCH) -> str:
    reply = adjust(api, admin, user, amount)
    assert reply.status == 202
    wanted: str = reply.body["id"]
    assert reply.headers["Location"] == f"/admin/v1/credits/adjustments/{wanted}"
    return wanted


def approve(api: HttpApi, admin: Token, wanted: str, key: str | None = None) -> Reply:
    address = f"/admin/v1/credits/adjustments/{wanted}/approval"
    return api.call("POST", address, token=admin, key=key)


def events(api: HttpApi, user: Token) -> str:
    """Return the id of the event about a purchase of *user*."""
    order = api.payments_harness.order(user.subject)
    simulator = api.payments_harness.simulator
    simulator.pay(checkout_of(order))
    found: str = next(
        event["id"] for event in simulator.events() if event["type"] == "checkout.session.completed"
    )
    return found


def address_of(api: HttpApi, operation: Operation, admin: Token) -> str:
    user = api.user(credits_=5)
    names = {"user_id": user.subject, "event_id": "evt_1"}
    if "adjustment_id" in operation.route.path:
        names["adjustment_id"] = asked(api, admin, user)
    return operation.route.path.format(**names)


def body_of(api: HttpApi, operation: Operation) -> dict[str, object] | None:
    if operation.example is None:
        return None
    user = api.user(credits_=5)
    return {
        **operation.example,
        **({"user_id": user.subject} if "user_id" in operation.example else {}),
    }


@pytest.mark.parametrize("operation", ADMIN, ids=lambda operation: operation.name)
def test_only_operators_come_in(api: HttpApi, operation: Operation, ann: Token) -> None:
    """SE1: 403 for users, owners and guests of any group, 401 for strangers."""
    address, body = address_of(api, operation, ann), body_of(api, operation)
    before = len(api.access_audit.reads)
    guest = Token(subject=api.guest().subject, kind="guest", groups="admin")
    for token in (api.user(), api.user(groups="admins"), guest):
        reply = api.call(operation.route.method, address, token=token, body=body)
        assert (reply.status, reply.body["code"]) == (403, "forbidden")
    assert api.call(operation.route.method, address, body=body).status == 401
    assert len(api.access_audit.reads) == before


@pytest.mark.parametrize("operation", ADMIN, ids=lambda operation: operation.name)
def test_nothing_is_done_that_cannot_be_written_down(
    api: HttpApi, operation: Operation, ann: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O8: no trace, no deed: 503, and neither credits nor status nor queue have changed."""
    address, body = address_of(api, operation, ann), body_of(api, operation)

    def broken(_read: object) -> None:
        raise Unavailable("the audit table does not answer")

    monkeypatch.setattr(api.access_audit, "note", broken)
    for forbidden in ("post", "set_status"):
        monkeypatch.setattr(api.ledger, forbidden, None)
    assert api.call(operation.route.method, address, token=ann, body=body).status == 503
    assert not api.payments_harness.queue.notices


def test_what_was_done_can_be_read_in_the_audit(api: HttpApi, ann: Token) -> None:
    """O8: who did what to whom, why, in which request."""
    user = api.user(credits_=5)
    adjust(api, ann, user, 3)
    api.clock.advance(timedelta(seconds=1))
    api.call("POST", f"/admin/v1/accounts/{user.subject}/freeze", token=ann, body=WHY)
    adjustment, freezing = api.access_audit.reads
    assert {note.admin_id for note in (adjustment, freezing)} == {ann.subject}
    assert {note.owner_id for note in (adjustment, freezing)} == {user.subject}
    assert (adjustment.resource_id, adjustment.reason) == ("SUP-1", "Sorry")
    assert freezing.reason == "SUP-7: The bank warned of fraud"
    assert freezing.route == "POST /admin/v1/accounts/<user_id>/freeze"
    assert freezing.request_id == REQUEST_ID


def test_much_takes_two(api: HttpApi, ann: Token, ben: Token) -> None:
    """202 and nothing moves; another operator sees it, agrees, and it is 201 with the entry."""
    user = api.user()
    wanted = asked(api, ann, user)
    assert balance(api, user) == 0
    address = f"/admin/v1/credits/adjustments/{wanted}"
    seen = api.call("GET", address, token=ben).body
    assert (seen["state"], seen["amount"], seen["reason"]) == ("pending", MUCH, "Sorry")
    assert (seen["requested_by"], seen["transaction"]) == (ann.subject, None)
    done = approve(api, ben, wanted)
    assert (done.status, done.body["amount"]) == (201, MUCH)
    assert balance(api, user) == MUCH
    after = api.call("GET", address, token=ann).body
    assert (after["state"], after["approved_by"]) == ("posted", ben.subject)
    assert after["transaction"] == done.body


def test_nobody_agrees_with_themselves(api: HttpApi, ann: Token) -> None:
    """409: it takes a second operator."""
    user = api.user()
    reply = approve(api, ann, asked(api, ann, user))
    assert (reply.status, reply.body["code"]) == (409, "second_operator_needed")
    assert balance(api, user) == 0


def test_an_approval_may_be_repeated(api: HttpApi, ann: Token, ben: Token) -> None:
    """With the key the kept answer, without it the same entry."""
    user = api.user()
    wanted = asked(api, ann, user)
    first = approve(api, ben, wanted, key="k")
    again = approve(api, ben, wanted, key="k")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.body == again.body == approve(api, ben, wanted).body
    assert balance(api, user) == MUCH


def test_a_request_that_waits_is_answered_again_as_such(api: HttpApi, ann: Token) -> None:
    """A kept 202 stays a 202."""
    user, address = api.user(), "/admin/v1/credits/adjustments"
    body = {"user_id": user.subject, "amount": MUCH, "reason": "Sorry", "ticket": "SUP-1"}
    replies = [api.call("POST", address, token=ann, body=body, key="k") for _ in range(2)]
    assert [reply.status for reply in replies] == [202, 202]
    assert replies[0].body == replies[1].body


def test_a_debt_is_written_off(api: HttpApi, ann: Token) -> None:
    """201, and nothing more than the debt is gone; more than is owed is 422."""
    user = api.user(credits_=3)
    adjust(api, ann, user, -5)
    body = {"user_id": user.subject, "amount": 3, "reason": "A thief", "ticket": "SUP-2"}
    address = "/admin/v1/credits/write-offs"
    refused = api.call("POST", address, token=ann, body=body)
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "amount")
    assert api.call("POST", address, token=ann, body=body | {"amount": 2}).status == 201
    shown = api.call("GET", "/v1/credits", token=user).body
    assert (shown["balance"], shown["debt"]) == (0, 0)


def test_a_frozen_account_orders_nothing_until_it_is_thawed(api: HttpApi, ann: Token) -> None:
    """403 for its owner, whose credits stay; thawed, it goes on."""
    user = api.user(credits_=5)
    address = f"/admin/v1/accounts/{user.subject}"
    frozen = api.call("POST", f"{address}/freeze", token=ann, body=WHY)
    assert (frozen.status, frozen.body["status"], frozen.body["balance"]) == (200, "frozen", 5)
    photo = api.photo(user).upload_id
    reply = api.call("POST", "/v1/clips", token=user, body={"upload_id": photo})
    assert (reply.status, reply.body["code"]) == (403, "forbidden")
    thawed = api.call("POST", f"{address}/thaw", token=ann, body=WHY)
    assert thawed.body["status"] == "active"
    assert api.order(user)["status"] == "pending"


def test_an_account_nobody_has_cannot_be_frozen(api: HttpApi, ann: Token) -> None:
    """404: there is nothing that could be spent."""
    for user_id in ("nobody", "a%23b"):
        address = f"/admin/v1/accounts/{user_id}/freeze"
        assert api.call("POST", address, token=ann, body=WHY).status == 404


@pytest.mark.parametrize("missing", ["reason", "ticket"])
def test_who_freezes_says_why(api: HttpApi, ann: Token, missing: str) -> None:
    """422 without a reason or a ticket."""
    body = {name: value for name, value in WHY.items() if name != missing}
    address = f"/admin/v1/accounts/{api.user(credits_=1).subject}/freeze"
    reply = api.call("POST", address, token=ann, body=body)
    assert (reply.status, reply.body["errors"][0]["field"]) == (422, missing)


def test_operators_see_the_journal_as_it_is(api: HttpApi, ann: Token) -> None:
    """Every entry, who made it and why, page by page; each page is noted."""
    user = api.user(credits_=5)
    api.order(user)
    adjust(api, ann, user, 2)
    address = f"/admin/v1/accounts/{user.subject}/transactions"
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        api.clock.advance(timedelta(seconds=1))
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = api.call("GET", address, token=ann, query=query).body
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [item["kind"] for item in items] == ["adjustment", "hold", "adjustment"]
    assert (items[0]["actor"], items[0]["reason"]) == (ann.subject, "Sorry")
    assert items[1]["held_after"] == 1
    assert len(api.access_audit.reads) == 1 + 2
    shown = api.call("GET", f"/admin/v1/accounts/{user.subject}", token=ann).body
    assert (shown["balance"], shown["held"], shown["version"]) == (6, 1, 3)


def test_a_cursor_of_one_journal_opens_no_other(api: HttpApi, ann: Token) -> None:
    """400."""
    user, other = api.user(credits_=5), api.user(credits_=5)
    for owner in (user, other):
        api.order(owner)
    address = "/admin/v1/accounts/{}/transactions"
    page = api.call("GET", address.format(user.subject), token=ann, query={"limit": "1"}).body
    query = {"cursor": page["next_cursor"]}
    assert api.call("GET", address.format(user.subject), token=ann, query=query).status == 200
    assert api.call("GET", address.format(other.subject), token=ann, query=query).status == 400


def test_an_event_is_looked_at_again(api: HttpApi, ann: Token) -> None:
    """202: what the event is about is queued each time, and reconciled once."""
    user = api.user()
    event_id = events(api, user)
    address = f"/admin/v1/stripe-events/{event_id}/replay"
    reply = api.call("POST", address, token=ann)
    assert (reply.status, reply.body["event_id"]) == (202, event_id)
    assert reply.body["about"] in set(PaymentObject)
    api.payments_harness.reconcile_notices()
    bought = balance(api, user)
    assert bought > 0
    api.call("POST", address, token=ann)
    api.payments_harness.reconcile_notices()
    assert balance(api, user) == bought
    assert {note.resource_id for note in api.access_audit.reads} == {event_id}


@pytest.mark.parametrize("event_id", ["evt_unknown", "nonsense", "evt_%2F"])
def test_an_event_nobody_knows_is_not_found(api: HttpApi, ann: Token, event_id: str) -> None:
    """404, and nothing is queued."""
    address = f"/admin/v1/stripe-events/{event_id}/replay"
    assert api.call("POST", address, token=ann).status == 404
    assert not api.payments_harness.queue.notices


def balance(api: HttpApi, user: Token) -> int:
    found: int = api.call("GET", "/v1/credits", token=user).body["balance"]
    return found
