"""What operators do over HTTP: with a reason, with a trace, and in twos where it is much."""

from datetime import timedelta
from typing import Any

import pytest

from echoes.domain.credits.adjustments import ALONE_UP_TO
from echoes.domain.errors import Unavailable
from echoes.domain.purchases.payments import About
from echoes.http.operations import OPERATIONS, Audience, Operation
from tests.support.http_api import REQUEST_ID, Reply, Studio, Token
from tests.support.payments import checkout_of

ADMIN = [operation for operation in OPERATIONS if operation.audience is Audience.ADMINS]
MUCH = ALONE_UP_TO + 1
WHY = {"reason": "The bank warned of fraud", "ticket": "SUP-7"}


@pytest.fixture
def ann(studio: Studio) -> Token:
    return studio.admin()


@pytest.fixture
def ben(studio: Studio) -> Token:
    return studio.admin()


def adjust(studio: Studio, admin: Token, user: Token, amount: int, **more: object) -> Reply:
    body = {"user_id": user.subject, "amount": amount, "reason": "Sorry", "ticket": "SUP-1"}
    address = "/admin/v1/credits/adjustments"
    return studio.call("POST", address, token=admin, body=body | more)


def asked(studio: Studio, admin: Token, user: Token, amount: int = MUCH) -> str:
    reply = adjust(studio, admin, user, amount)
    assert reply.status == 202
    wanted: str = reply.body["id"]
    assert reply.headers["Location"] == f"/admin/v1/credits/adjustments/{wanted}"
    return wanted


def approve(studio: Studio, admin: Token, wanted: str, key: str | None = None) -> Reply:
    address = f"/admin/v1/credits/adjustments/{wanted}/approval"
    return studio.call("POST", address, token=admin, key=key)


def events(studio: Studio, user: Token) -> str:
    """Return the id of the event that told of a purchase of *user*."""
    order = studio.till.order(user.subject)
    simulator = studio.till.simulator
    simulator.pay(checkout_of(order))
    found: str = next(
        event["id"] for event in simulator.events() if event["type"] == "checkout.session.completed"
    )
    return found


def address_of(studio: Studio, operation: Operation, admin: Token) -> str:
    user = studio.user(credits_=5)
    names = {"user_id": user.subject, "event_id": "evt_1"}
    if "adjustment_id" in operation.path:
        names["adjustment_id"] = asked(studio, admin, user)
    return operation.path.format(**names)


def body_of(studio: Studio, operation: Operation) -> dict[str, object] | None:
    if operation.example is None:
        return None
    user = studio.user(credits_=5)
    return {
        **operation.example,
        **({"user_id": user.subject} if "user_id" in operation.example else {}),
    }


@pytest.mark.parametrize("operation", ADMIN, ids=lambda operation: operation.name)
def test_only_operators_come_in(studio: Studio, operation: Operation, ann: Token) -> None:
    """SE1: 403 for users, owners and guests of whatever group, 401 for strangers."""
    address, body = address_of(studio, operation, ann), body_of(studio, operation)
    before = len(studio.supervision.reads)
    guest = Token(subject=studio.guest().subject, kind="guest", groups="admin")
    for token in (studio.user(), studio.user(groups="admins"), guest):
        reply = studio.call(operation.method, address, token=token, body=body)
        assert (reply.status, reply.body["code"]) == (403, "forbidden")
    assert studio.call(operation.method, address, body=body).status == 401
    assert len(studio.supervision.reads) == before


@pytest.mark.parametrize("operation", ADMIN, ids=lambda operation: operation.name)
def test_nothing_is_done_that_cannot_be_written_down(
    studio: Studio, operation: Operation, ann: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O8: no trace, no deed: 503, and neither credits nor status nor queue have changed."""
    address, body = address_of(studio, operation, ann), body_of(studio, operation)

    def broken(_read: object) -> None:
        raise Unavailable("the audit table does not answer")

    monkeypatch.setattr(studio.supervision, "note", broken)
    for forbidden in ("post", "set_status"):
        monkeypatch.setattr(studio.ledger, forbidden, None)
    assert studio.call(operation.method, address, token=ann, body=body).status == 503
    assert not studio.till.queue.notices


def test_what_was_done_can_be_read_in_the_audit(studio: Studio, ann: Token) -> None:
    """O8: who did what to whom, why, in which request."""
    user = studio.user(credits_=5)
    adjust(studio, ann, user, 3)
    studio.clock.advance(timedelta(seconds=1))
    studio.call("POST", f"/admin/v1/accounts/{user.subject}/freeze", token=ann, body=WHY)
    adjustment, freezing = studio.supervision.reads
    assert {note.admin_id for note in (adjustment, freezing)} == {ann.subject}
    assert {note.owner_id for note in (adjustment, freezing)} == {user.subject}
    assert (adjustment.resource_id, adjustment.reason) == ("SUP-1", "Sorry")
    assert freezing.reason == "SUP-7: The bank warned of fraud"
    assert freezing.route == "POST /admin/v1/accounts/<user_id>/freeze"
    assert freezing.request_id == REQUEST_ID


def test_much_takes_two(studio: Studio, ann: Token, ben: Token) -> None:
    """202 and nothing moves; another operator sees it, agrees, and it is 201 with the entry."""
    user = studio.user()
    wanted = asked(studio, ann, user)
    assert balance(studio, user) == 0
    address = f"/admin/v1/credits/adjustments/{wanted}"
    seen = studio.call("GET", address, token=ben).body
    assert (seen["state"], seen["amount"], seen["reason"]) == ("pending", MUCH, "Sorry")
    assert (seen["requested_by"], seen["transaction"]) == (ann.subject, None)
    done = approve(studio, ben, wanted)
    assert (done.status, done.body["amount"]) == (201, MUCH)
    assert balance(studio, user) == MUCH
    after = studio.call("GET", address, token=ann).body
    assert (after["state"], after["approved_by"]) == ("posted", ben.subject)
    assert after["transaction"] == done.body


def test_nobody_agrees_with_themselves(studio: Studio, ann: Token) -> None:
    """409: it takes somebody else."""
    user = studio.user()
    reply = approve(studio, ann, asked(studio, ann, user))
    assert (reply.status, reply.body["code"]) == (409, "second_operator_needed")
    assert balance(studio, user) == 0


def test_an_approval_may_be_repeated(studio: Studio, ann: Token, ben: Token) -> None:
    """With the key the kept answer, without it the same entry."""
    user = studio.user()
    wanted = asked(studio, ann, user)
    first = approve(studio, ben, wanted, key="k")
    again = approve(studio, ben, wanted, key="k")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.body == again.body == approve(studio, ben, wanted).body
    assert balance(studio, user) == MUCH


def test_a_request_that_waits_is_answered_again_as_such(studio: Studio, ann: Token) -> None:
    """A kept 202 stays a 202."""
    user, address = studio.user(), "/admin/v1/credits/adjustments"
    body = {"user_id": user.subject, "amount": MUCH, "reason": "Sorry", "ticket": "SUP-1"}
    replies = [studio.call("POST", address, token=ann, body=body, key="k") for _ in range(2)]
    assert [reply.status for reply in replies] == [202, 202]
    assert replies[0].body == replies[1].body


def test_a_debt_is_written_off(studio: Studio, ann: Token) -> None:
    """201, and nothing more than the debt is gone; more than is owed is 422."""
    user = studio.user(credits_=3)
    adjust(studio, ann, user, -5)
    body = {"user_id": user.subject, "amount": 3, "reason": "A thief", "ticket": "SUP-2"}
    address = "/admin/v1/credits/write-offs"
    refused = studio.call("POST", address, token=ann, body=body)
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "amount")
    assert studio.call("POST", address, token=ann, body=body | {"amount": 2}).status == 201
    shown = studio.call("GET", "/v1/credits", token=user).body
    assert (shown["balance"], shown["debt"]) == (0, 0)


def test_a_frozen_account_orders_nothing_until_it_is_thawed(studio: Studio, ann: Token) -> None:
    """403 for its owner, whose credits stay; thawed, it goes on."""
    user = studio.user(credits_=5)
    address = f"/admin/v1/accounts/{user.subject}"
    frozen = studio.call("POST", f"{address}/freeze", token=ann, body=WHY)
    assert (frozen.status, frozen.body["status"], frozen.body["balance"]) == (200, "frozen", 5)
    photo = studio.photo(user).upload_id
    reply = studio.call("POST", "/v1/clips", token=user, body={"upload_id": photo})
    assert (reply.status, reply.body["code"]) == (403, "forbidden")
    thawed = studio.call("POST", f"{address}/thaw", token=ann, body=WHY)
    assert thawed.body["status"] == "active"
    assert studio.order(user)["status"] == "pending"


def test_an_account_nobody_has_cannot_be_frozen(studio: Studio, ann: Token) -> None:
    """404: there is nothing that could be spent."""
    for user_id in ("nobody", "a%23b"):
        address = f"/admin/v1/accounts/{user_id}/freeze"
        assert studio.call("POST", address, token=ann, body=WHY).status == 404


@pytest.mark.parametrize("missing", ["reason", "ticket"])
def test_who_freezes_says_why(studio: Studio, ann: Token, missing: str) -> None:
    """422 without a reason or a ticket."""
    body = {name: value for name, value in WHY.items() if name != missing}
    address = f"/admin/v1/accounts/{studio.user(credits_=1).subject}/freeze"
    reply = studio.call("POST", address, token=ann, body=body)
    assert (reply.status, reply.body["errors"][0]["field"]) == (422, missing)


def test_operators_see_the_journal_as_it_is(studio: Studio, ann: Token) -> None:
    """Every entry, who made it and why, page by page; each page is noted."""
    user = studio.user(credits_=5)
    studio.order(user)
    adjust(studio, ann, user, 2)
    address = f"/admin/v1/accounts/{user.subject}/transactions"
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        studio.clock.advance(timedelta(seconds=1))
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = studio.call("GET", address, token=ann, query=query).body
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [item["kind"] for item in items] == ["adjustment", "hold", "adjustment"]
    assert (items[0]["actor"], items[0]["reason"]) == (ann.subject, "Sorry")
    assert items[1]["held_after"] == 1
    assert len(studio.supervision.reads) == 1 + 2
    shown = studio.call("GET", f"/admin/v1/accounts/{user.subject}", token=ann).body
    assert (shown["balance"], shown["held"], shown["version"]) == (6, 1, 3)


def test_a_cursor_of_one_journal_opens_no_other(studio: Studio, ann: Token) -> None:
    """400."""
    user, other = studio.user(credits_=5), studio.user(credits_=5)
    for owner in (user, other):
        studio.order(owner)
    address = "/admin/v1/accounts/{}/transactions"
    page = studio.call("GET", address.format(user.subject), token=ann, query={"limit": "1"}).body
    query = {"cursor": page["next_cursor"]}
    assert studio.call("GET", address.format(user.subject), token=ann, query=query).status == 200
    assert studio.call("GET", address.format(other.subject), token=ann, query=query).status == 400


def test_an_event_is_looked_at_again(studio: Studio, ann: Token) -> None:
    """202: what the event is about is queued, each time anew, and reconciled once."""
    user = studio.user()
    event_id = events(studio, user)
    address = f"/admin/v1/stripe-events/{event_id}/replay"
    reply = studio.call("POST", address, token=ann)
    assert (reply.status, reply.body["event_id"]) == (202, event_id)
    assert reply.body["about"] in set(About)
    studio.till.work_off()
    bought = balance(studio, user)
    assert bought > 0
    studio.call("POST", address, token=ann)
    studio.till.work_off()
    assert balance(studio, user) == bought
    assert {note.resource_id for note in studio.supervision.reads} == {event_id}


@pytest.mark.parametrize("event_id", ["evt_unknown", "nonsense", "evt_%2F"])
def test_an_event_nobody_knows_is_not_found(studio: Studio, ann: Token, event_id: str) -> None:
    """404, and nothing is queued."""
    address = f"/admin/v1/stripe-events/{event_id}/replay"
    assert studio.call("POST", address, token=ann).status == 404
    assert not studio.till.queue.notices


def balance(studio: Studio, user: Token) -> int:
    found: int = studio.call("GET", "/v1/credits", token=user).body["balance"]
    return found
