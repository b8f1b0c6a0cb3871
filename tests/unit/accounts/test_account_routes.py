"""Credits, guests, the configuration, and what operators do."""

import base64

import pytest

from echoes.domain.credits.postings import capture
from echoes.domain.identifiers import ClipId
from tests.support.http_api import Studio, Token


def test_a_new_account_has_nothing(studio: Studio) -> None:
    """CR3: balance is what can be spent; nothing may be cached."""
    reply = studio.call("GET", "/v1/credits", token=studio.user())
    assert reply.body == {"balance": 0, "held": 0, "debt": 0, "version": 0, "available": 0}
    assert reply.headers["Cache-Control"] == "no-store"


def test_an_order_moves_credits_from_the_balance_to_held(studio: Studio) -> None:
    """CR3: what is held is not available."""
    user = studio.user(credits_=5)
    studio.order(user, duration_seconds=10)
    body = studio.call("GET", "/v1/credits", token=user).body
    assert (body["balance"], body["available"], body["held"]) == (3, 3, 2)


def test_transactions_come_newest_first_page_by_page(studio: Studio) -> None:
    """CR7: newest first, with a running balance and words; the cursor goes on, without gaps."""
    user = studio.user(credits_=9)
    for _ in range(4):
        studio.order(user)
    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = studio.call("GET", "/v1/credits/transactions", token=user, query=query).body
        assert len(page["items"]) <= 2
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [item["balance_after"] for item in seen] == [5, 6, 7, 8, 9]
    assert [item["amount"] for item in seen] == [-1, -1, -1, -1, 9]
    assert {item["type"] for item in seen[:4]} == {"generation"}
    assert seen[0]["description"] == "Reserved for a clip"


def test_what_moves_nothing_is_not_listed(studio: Studio) -> None:
    """A capture changes nothing to spend: the hold before it already did."""
    user = studio.user(credits_=9)
    for _ in range(3):
        clip = studio.clips.get(user.subject, ClipId(studio.order(user)["id"]))
        hold = studio.ledger.hold(clip.attempt.hold_id)
        assert hold is not None
        account = studio.ledger.account(user.subject)
        studio.ledger.post(capture(account, hold, at=studio.clock.now()))
    address = "/v1/credits/transactions"
    page = studio.call("GET", address, token=user, query={"limit": "3"}).body
    assert [item["amount"] for item in page["items"]] == [-1, -1, -1]
    rest = studio.call("GET", address, token=user, query={"cursor": page["next_cursor"]}).body
    assert [item["amount"] for item in rest["items"]] == [9]


@pytest.mark.parametrize(
    "limit", ["0", "101", "-1", "ten", "1.5", "", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_a_limit_is_1_to_100(studio: Studio, limit: str) -> None:
    """400, and the parameter is named."""
    reply = studio.call(
        "GET", "/v1/credits/transactions", token=studio.user(), query={"limit": limit}
    )
    assert (reply.status, reply.body["errors"][0]["field"]) == (400, "limit")


def cursor_of(studio: Studio, user: Token) -> str:
    page = studio.call("GET", "/v1/credits/transactions", token=user, query={"limit": "1"}).body
    cursor: str = page["next_cursor"]
    return cursor


def test_a_cursor_cannot_be_made_up_altered_or_handed_on(studio: Studio) -> None:
    """400 invalid_request for anybody else's cursor and for every flipped bit."""
    user, other = studio.user(credits_=5), studio.user(credits_=5)
    for owner in (user, other):
        studio.order(owner)
    cursor = cursor_of(studio, user)
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    flipped = [
        base64.urlsafe_b64encode(raw[:i] + bytes([raw[i] ^ 1]) + raw[i + 1 :]).decode()
        for i in range(len(raw))
    ]
    wrong = [*flipped, cursor_of(studio, other), "x", "AAAA", "ä", cursor + cursor, "%00", " "]
    for tampered in wrong:
        reply = studio.call(
            "GET", "/v1/credits/transactions", token=user, query={"cursor": tampered}
        )
        assert (reply.status, reply.body["code"]) == (400, "invalid_request"), tampered
        assert reply.body["errors"][0]["field"] == "cursor"


def test_a_cursor_survives_one_rotation_of_the_secret(studio: Studio) -> None:
    """What the previous secret signed is good until that one is gone."""
    user = studio.user(credits_=5)
    studio.order(user)
    cursor = cursor_of(studio, user)
    for secrets, status in [(["new", "the present secret"], 200), (["newer", "new"], 400)]:
        studio.secrets[:] = secrets
        reply = studio.call("GET", "/v1/credits/transactions", token=user, query={"cursor": cursor})
        assert reply.status == status


def test_a_guest_gets_a_token_for_a_day(studio: Studio) -> None:
    """201: the token verifies as the guest it names; every guest is another one."""
    one, two = (studio.call("POST", "/v1/guests") for _ in range(2))
    assert one.status == 201
    assert one.body["guest_id"] != two.body["guest_id"]
    assert one.body["expires_at"] == "2026-01-02T12:00:00.000Z"
    assert one.headers["Cache-Control"] == "no-store"


def test_the_configuration_is_public(studio: Studio) -> None:
    """HomePage: poll interval, limits, prices, whether there is a free clip."""
    reply = studio.call("GET", "/v1/config")
    assert reply.body["poll_interval_seconds"] == 5
    assert reply.body["free_clip_available"] is True
    assert reply.body["limits"]["regenerations"] == 3
    assert reply.headers["Cache-Control"] == "public, max-age=300"
    assert reply.headers["Vary"] == "Origin"


def adjustment(user: Token, **changes: object) -> dict[str, object]:
    fields = {"user_id": user.subject, "amount": 10, "reason": "Sorry", "ticket": "SUP-1"}
    return {**fields, **changes}


def test_an_operator_corrects_an_account_once_a_ticket(studio: Studio) -> None:
    """201 with the entry; the same ticket again changes nothing, another amount is refused."""
    admin, user = studio.admin(), studio.user()
    address = "/admin/v1/credits/adjustments"
    first = studio.call("POST", address, token=admin, body=adjustment(user))
    assert (first.status, first.body["amount"], first.body["kind"]) == (201, 10, "adjustment")
    assert "Sorry" not in first.body.values()
    again = studio.call("POST", address, token=admin, body=adjustment(user))
    assert again.body["id"] == first.body["id"]
    other = studio.call("POST", address, token=admin, body=adjustment(user, amount=11))
    assert (other.status, other.body["code"]) == (422, "idempotency_mismatch")
    second = studio.call("POST", address, token=admin, body=adjustment(studio.user()))
    assert second.status == 201
    assert studio.call("GET", "/v1/credits", token=user).body["balance"] == 10


def test_taking_more_than_there_is_leaves_a_debt(studio: Studio) -> None:
    """The balance is never negative; what is owed is shown apart."""
    admin, user = studio.admin(), studio.user(credits_=3)
    body = adjustment(user, amount=-5)
    studio.call("POST", "/admin/v1/credits/adjustments", token=admin, body=body)
    shown = studio.call("GET", "/v1/credits", token=user).body
    assert (shown["balance"], shown["debt"]) == (0, 2)


@pytest.mark.parametrize(
    "changes",
    [{"amount": 0}, {"amount": 10**7}, {"reason": " "}, {"ticket": ""}, {"user_id": "a#b"}],
)
def test_an_adjustment_is_checked(studio: Studio, changes: dict[str, object]) -> None:
    """422, and the field is named."""
    body = adjustment(studio.user(), **changes)
    reply = studio.call("POST", "/admin/v1/credits/adjustments", token=studio.admin(), body=body)
    assert reply.status == 422
    assert reply.body["errors"][0]["field"] == next(iter(changes))
