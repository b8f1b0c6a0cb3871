"""Quotes: what an order will cost, and the promise that it costs just that."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta

import pytest

from echoes.application.clips import order_clip
from echoes.domain.clips.drift import Drift, DriftBetween
from echoes.domain.identifiers import Credits
from tests.support.api_description import Reply
from tests.support.factories import an_id
from tests.support.http_api import HttpApi, Token


def quoted(api: HttpApi, caller: Token, *clips: Mapping[str, object]) -> Reply:
    return api.call("POST", "/v1/quotes", token=caller, body={"clips": list(clips)})


def ordered(api: HttpApi, caller: Token, quote: str, **request: object) -> Reply:
    body = {"upload_id": api.photo(caller).upload_id, "quote": quote, **request}
    return api.call("POST", "/v1/clips", token=caller, body=body)


def doubled(seconds: int) -> Credits:
    return Credits(2 * -(-seconds // 5))


def test_a_quote_lists_what_each_clip_costs(api: HttpApi) -> None:
    """PF2: items, their sum, what is there to spend, and until when it holds."""
    user = api.user(credits_=3)
    photo = api.photo(user).upload_id
    reply = quoted(api, user, {"upload_id": photo, "duration_seconds": 10}, {})
    assert reply.status == 200
    assert reply.body["items"] == [
        {"upload_id": photo, "duration_seconds": 10, "credits": 2},
        {"upload_id": None, "duration_seconds": 5, "credits": 1},
    ]
    assert (reply.body["credits"], reply.body["available"]) == (3, 3)
    assert reply.body["expires_at"] == "2026-01-01T12:15:00.000Z"
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 3


def test_an_order_costs_what_was_quoted_whatever_prices_are_by_then(
    api: HttpApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The price table changes between quote and order: the quote counts, and only for its order."""
    user = api.user(credits_=10)
    quote = quoted(api, user, {"duration_seconds": 10}).body["quote"]
    monkeypatch.setattr(order_clip, "price_of", doubled)
    reply = ordered(api, user, quote, duration_seconds=10)
    assert (reply.status, reply.body["credits"]) == (202, 2)
    assert api.call("GET", "/v1/credits", token=user).body["held"] == 2
    assert api.order(user, duration_seconds=10)["credits"] == 4


def test_one_quote_pays_for_each_clip_of_its_batch(api: HttpApi) -> None:
    """A batch is quoted once and ordered clip by clip."""
    user = api.user(credits_=10)
    photos = [api.photo(user).upload_id for _ in range(3)]
    quote = quoted(api, user, *({"upload_id": photo} for photo in photos)).body["quote"]
    for photo in photos:
        assert ordered(api, user, quote, upload_id=photo).status == 202
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 7


def test_an_expired_quote_is_refused(api: HttpApi) -> None:
    """After a quarter of an hour: 422, the field is named, and nothing is held."""
    user = api.user(credits_=3)
    quote = quoted(api, user, {}).body["quote"]
    api.clock.advance(timedelta(minutes=15))
    reply = ordered(api, user, quote)
    assert (reply.status, reply.body["code"]) == (422, "invalid_request")
    assert [error["field"] for error in reply.body["errors"]] == ["quote"]
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 3


def test_a_granted_order_is_answered_again_after_its_quote_expired(api: HttpApi) -> None:
    """The answer to a repetition is the first one, not that the quote is too old now."""
    user = api.user(credits_=3)
    quote = quoted(api, user, {}).body["quote"]
    body = {"upload_id": api.photo(user).upload_id, "quote": quote}
    first = api.call("POST", "/v1/clips", token=user, body=body, key="k")
    api.clock.advance(timedelta(minutes=16))
    again = api.call("POST", "/v1/clips", token=user, body=body, key="k")
    assert (again.status, again.body) == (202, first.body)


def test_somebody_elses_quote_is_refused(api: HttpApi) -> None:
    """A quote is bound to its owner."""
    quote = quoted(api, api.user(), {}).body["quote"]
    reply = ordered(api, api.user(credits_=3), quote)
    assert (reply.status, reply.body["code"]) == (400, "invalid_request")


def test_no_byte_of_a_quote_can_be_changed(api: HttpApi) -> None:
    """Flip any bit of price, owner, time or seal: 400, and nothing is held."""
    user = api.user(credits_=3)
    quote = quoted(api, user, {"duration_seconds": 10}).body["quote"]
    sealed = urlsafe_b64decode(quote + "=" * (-len(quote) % 4))
    for place in range(len(sealed)):
        forged = bytearray(sealed)
        forged[place] ^= 1
        text = urlsafe_b64encode(forged).decode().rstrip("=")
        reply = ordered(api, user, text, duration_seconds=10)
        assert (reply.status, reply.body["code"]) == (400, "invalid_request"), place
    for text in (quote[:-1], quote + "A", "A"):
        assert ordered(api, user, text, duration_seconds=10).status == 400
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 3


def test_the_seal_is_made_with_a_key_of_its_own(api: HttpApi) -> None:
    """A cursor is no quote, even for its owner; a rolled secret still opens yesterday's."""
    user = api.user(credits_=3)
    for number in range(2):
        api.order(user, duration_seconds=5 + number)
    page = api.call("GET", "/v1/credits/transactions", token=user, query={"limit": "1"})
    assert ordered(api, user, page.body["next_cursor"]).status == 400
    user = api.user(credits_=3)
    quote = quoted(api, user, {}).body["quote"]
    api.secrets.insert(0, "the next secret")
    assert ordered(api, user, quote).status == 202
    api.secrets.remove("the present secret")
    assert ordered(api, user, quote).status == 400


@pytest.mark.parametrize("change", [{"duration_seconds": 6}, {"upload_id": None}])
def test_another_request_than_the_quoted_one_is_refused(
    api: HttpApi, change: dict[str, object]
) -> None:
    """Another length or another photo: 422, and nothing is held."""
    user = api.user(credits_=3)
    photo = api.photo(user).upload_id
    quote = quoted(api, user, {"upload_id": photo}).body["quote"]
    changed = {"upload_id": photo} | change
    if changed["upload_id"] is None:
        changed["upload_id"] = api.photo(user).upload_id
    reply = ordered(api, user, quote, **changed)
    assert (reply.status, reply.body["code"]) == (422, "invalid_request")
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 3


def test_a_guest_is_quoted_one_clip_for_nothing(api: HttpApi) -> None:
    """FF6: the free clip costs 0; two of them are not offered."""
    guest = api.guest()
    reply = quoted(api, guest, {})
    assert (reply.body["credits"], reply.body["available"]) == (0, 0)
    assert ordered(api, guest, reply.body["quote"]).status == 202
    assert quoted(api, guest, {}, {}).body["code"] == "free_clip_used"


@pytest.mark.parametrize(
    "body",
    [
        {"clips": []},
        {"clips": [{}] * 51},
        {"clips": [{"duration_seconds": 1}]},
        {"clips": [{"duration_seconds": 11}]},
        {"clips": [{"credits": 0}]},
        {},
    ],
)
def test_a_quote_is_for_clips_that_can_be_made(api: HttpApi, body: object) -> None:
    """1 to 50 clips of 2 to 10 seconds; clients cannot set a price."""
    reply = api.call("POST", "/v1/quotes", token=api.user(), body=body)
    assert (reply.status, reply.body["code"]) == (422, "invalid_request")


def test_strangers_get_no_quotes(api: HttpApi) -> None:
    """A quote has an owner."""
    assert api.call("POST", "/v1/quotes", body={"clips": [{}]}).status == 401


def test_a_hold_that_is_not_what_was_quoted_is_told(
    api: HttpApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If code ever holds another price than the quoted one, operators see it at once."""
    user = api.user(credits_=9)
    right = order_clip._price
    prices = iter([Credits(3)])
    monkeypatch.setattr(
        order_clip, "_price", lambda *request, at: next(prices, None) or right(*request, at=at)
    )
    quote = quoted(api, user, {}).body["quote"]
    assert ordered(api, user, quote).body["credits"] == 3
    assert api.drifts == [Drift(between=DriftBetween.QUOTE_AND_HOLD, expected=1, found=3)]


def test_a_batch_of_fifty_fits_into_a_request(api: HttpApi) -> None:
    """The longest quote is shorter than what an order takes."""
    user = api.user(credits_=60)
    photos = [api.photo(user).upload_id for _ in range(50)]
    clips = [{"upload_id": photo, "duration_seconds": 10} for photo in photos]
    quote = quoted(api, user, *clips).body["quote"]
    assert len(quote) <= 8192
    reply = ordered(api, user, quote, upload_id=photos[-1], duration_seconds=10)
    assert reply.status == 202
    assert quoted(api, user, {"upload_id": an_id()}).status == 200
