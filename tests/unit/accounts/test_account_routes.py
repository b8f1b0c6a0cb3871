"""Credits, guests, the configuration, and what operators do."""

import base64

import pytest

from echoes.domain.credits.holds import capture
from echoes.domain.identifiers import ClipId
from tests.support.http_api import HttpApi, Token


def test_a_new_account_has_nothing(api: HttpApi) -> None:
    """CR3: balance is what can be spent; nothing may be cached."""
    reply = api.call("GET", "/v1/credits", token=api.user())
    assert reply.body == {"balance": 0, "held": 0, "debt": 0, "version": 0, "available": 0}
    assert reply.headers["Cache-Control"] == "no-store"


def test_an_order_moves_credits_from_the_balance_to_held(api: HttpApi) -> None:
    """CR3: what is held is not available."""
    user = api.user(credits_=5)
    api.order(user, duration_seconds=10)
    body = api.call("GET", "/v1/credits", token=user).body
    assert (body["balance"], body["available"], body["held"]) == (3, 3, 2)


def test_transactions_come_newest_first_page_by_page(api: HttpApi) -> None:
    """CR7: newest first, with a running balance and words; the cursor goes on, without gaps."""
    user = api.user(credits_=9)
    for _ in range(4):
        api.order(user)
    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = api.call("GET", "/v1/credits/transactions", token=user, query=query).body
        assert len(page["items"]) <= 2
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [item["balance_after"] for item in seen] == [5, 6, 7, 8, 9]
    assert [item["amount"] for item in seen] == [-1, -1, -1, -1, 9]
    assert {item["type"] for item in seen[:4]} == {"generation"}
    assert seen[0]["description"] == "Reserved for a clip"


def test_what_moves_nothing_is_not_listed(api: HttpApi) -> None:
    """A capture changes nothing to spend: the hold before it already did."""
    user = api.user(credits_=9)
    for _ in range(3):
        clip = api.clips.get(user.subject, ClipId(api.order(user)["id"]))
        hold = api.ledger.hold(clip.attempt.hold_id)
        assert hold is not None
        account = api.ledger.account(user.subject)
        api.ledger.post(capture(account, hold, at=api.clock.now()))
    address = "/v1/credits/transactions"
    page = api.call("GET", address, token=user, query={"limit": "3"}).body
    assert [item["amount"] for item in page["items"]] == [-1, -1, -1]
    rest = api.call("GET", address, token=user, query={"cursor": page["next_cursor"]}).body
    assert [item["amount"] for item in rest["items"]] == [9]


@pytest.mark.parametrize(
    "limit", ["0", "101", "-1", "ten", "1.5", "", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_a_limit_is_1_to_100(api: HttpApi, limit: str) -> None:
    """400, and the parameter is named."""
    reply = api.call("GET", "/v1/credits/transactions", token=api.user(), query={"limit": limit})
    assert (reply.status, reply.body["errors"][0]["field"]) == (400, "limit")


def cursor_of(api: HttpApi, user: Token) -> str:
    page = api.call("GET", "/v1/credits/transactions", token=user, query={"limit": "1"}).body
    cursor: str = page["next_cursor"]
    return cursor


def test_a_cursor_cannot_be_made_up_altered_or_handed_on(api: HttpApi) -> None:
    """400 invalid_request for another owner's cursor and for every flipped bit."""
    user, other = api.user(credits_=5), api.user(credits_=5)
    for owner in (user, other):
        api.order(owner)
    cursor = cursor_of(api, user)
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    flipped = [
        base64.urlsafe_b64encode(raw[:i] + bytes([raw[i] ^ 1]) + raw[i + 1 :]).decode()
        for i in range(len(raw))
    ]
    wrong = [*flipped, cursor_of(api, other), "x", "AAAA", "ä", cursor + cursor, "%00", " "]
    for tampered in wrong:
        reply = api.call("GET", "/v1/credits/transactions", token=user, query={"cursor": tampered})
        assert (reply.status, reply.body["code"]) == (400, "invalid_request"), tampered
        assert reply.body["errors"][0]["field"] == "cursor"


def test_a_cursor_survives_one_rotation_of_the_secret(api: HttpApi) -> None:
    """What the previous secret signed is good until that one is gone."""
    user = api.user(credits_=5)
    api.order(user)
    cursor = cursor_of(api, user)
    for secrets, status in [(["new", "the present secret"], 200), (["newer", "new"], 400)]:
        api.secrets[:] = secrets
        reply = api.call("GET", "/v1/credits/transactions", token=user, query={"cursor": cursor})
        assert reply.status == status


def test_a_guest_gets_a_token_for_a_day(api: HttpApi) -> None:
    """201: the token verifies as the guest it names; every guest is another one."""
    one, two = (api.call("POST", "/v1/guests") for _ in range(2))
    assert one.status == 201
    assert one.body["guest_id"] != two.body["guest_id"]
    assert one.body["expires_at"] == "2026-01-02T12:00:00.000Z"
    assert one.headers["Cache-Control"] == "no-store"


def test_the_configuration_is_public(api: HttpApi) -> None:
    """HomePage: poll interval, limits, prices, whether there is a free clip."""
    reply = api.call("GET", "/v1/config")
    assert reply.body["poll_interval_seconds"] == 5
    assert reply.body["free_clip_available"] is True
    assert reply.body["limits"]["regenerations"] == 3
    assert reply.headers["Cache-Control"] == "public, max-age=300"
    assert reply.headers["Vary"] == "Origin"


def adjustment(user: Token, **changes: object) -> dict[str, object]:
    fields = {"user_id": user.subject, "amount": 10, "reason": "Sorry", "ticket": "SUP-1"}
    return {**fields, **changes}


def test_an_operator_corrects_an_account_once_a_ticket(api: HttpApi) -> None:
    """201 with the entry; the same ticket again changes nothing, another amount is refused."""
    admin, user = api.admin(), api.user()
    address = "/admin/v1/credits/adjustments"
    first = api.call("POST", address, token=admin, body=adjustment(user))
    assert (first.status, first.body["amount"], first.body["kind"]) == (201, 10, "adjustment")
    assert "Sorry" not in first.body.values()
    again = api.call("POST", address, token=admin, body=adjustment(user))
    assert again.body["id"] == first.body["id"]
    other = api.call("POST", address, token=admin, body=adjustment(user, amount=11))
    assert (other.status, other.body["code"]) == (422, "idempotency_mismatch")
    second = api.call("POST", address, token=admin, body=adjustment(api.user()))
    assert second.status == 201
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 10


def test_taking_more_than_there_is_leaves_a_debt(api: HttpApi) -> None:
    """The balance is never negative; what is owed is shown apart."""
    admin, user = api.admin(), api.user(credits_=3)
    body = adjustment(user, amount=-5)
    api.call("POST", "/admin/v1/credits/adjustments", token=admin, body=body)
    shown = api.call("GET", "/v1/credits", token=user).body
    assert (shown["balance"], shown["debt"]) == (0, 2)


@pytest.mark.parametrize(
    "changes",
    [{"amount": 0}, {"amount": 10**7}, {"reason": " "}, {"ticket": ""}, {"user_id": "a#b"}],
)
def test_an_adjustment_is_checked(api: HttpApi, changes: dict[str, object]) -> None:
    """422, and the field is named."""
    body = adjustment(api.user(), **changes)
    reply = api.call("POST", "/admin/v1/credits/adjustments", token=api.admin(), body=body)
    assert reply.status == 422
    assert reply.body["errors"][0]["field"] == next(iter(changes))
