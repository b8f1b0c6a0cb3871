"""The same request twice is one request."""

import pytest

from echoes.domain.clips.attempts import AttemptRef
from tests.support.api_description import Reply
from tests.support.http_api import HttpApi


def test_the_same_key_and_body_give_the_first_answer_again(api: HttpApi) -> None:
    """One clip, one hold; the second answer is the first one, and says so."""
    user = api.user(credits_=5)
    order = {"upload_id": api.photo(user).upload_id}
    first = api.call("POST", "/v1/clips", token=user, body=order, key="k")
    again = api.call("POST", "/v1/clips", token=user, body=dict(order), key="k")
    assert (again.status, again.body) == (202, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Location"] == first.headers["Location"]
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 4
    assert len(api.workflow.started) == 1


def test_the_same_key_with_another_body_is_refused(api: HttpApi) -> None:
    """422 idempotency_mismatch, and nothing happens."""
    user = api.user(credits_=5)
    upload = api.photo(user).upload_id
    api.call("POST", "/v1/clips", token=user, body={"upload_id": upload}, key="k")
    other = {"upload_id": upload, "motion": "tilt_up"}
    reply = api.call("POST", "/v1/clips", token=user, body=other, key="k")
    assert (reply.status, reply.body["code"]) == (422, "idempotency_mismatch")
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 4


def test_the_same_key_for_another_clip_is_refused(api: HttpApi) -> None:
    """What the path names belongs to the request."""
    user = api.user(credits_=5)
    one, two = (api.order(user)["id"] for _ in range(2))
    assert api.call("POST", f"/v1/clips/{one}/cancellation", token=user, key="k").status == 202
    reply = api.call("POST", f"/v1/clips/{two}/cancellation", token=user, key="k")
    assert (reply.status, reply.body["code"]) == (422, "idempotency_mismatch")


def test_a_key_belongs_to_its_owner_and_route(api: HttpApi) -> None:
    """Two people may use the same key, and one person on two routes."""
    one, two = api.user(credits_=1), api.user(credits_=1)
    clips = [api.order(owner, key="k") for owner in (one, two)]
    assert clips[0]["id"] != clips[1]["id"]
    address = f"/v1/clips/{clips[0]['id']}/cancellation"
    reply = api.call("POST", address, token=one, key="k")
    assert (reply.status, "Idempotency-Replayed" in reply.headers) == (202, False)


def test_without_a_key_every_request_is_a_new_request(api: HttpApi) -> None:
    """Two clips, two holds."""
    user = api.user(credits_=5)
    order = {"upload_id": api.photo(user).upload_id}
    ids = {api.call("POST", "/v1/clips", token=user, body=order).body["id"] for _ in range(2)}
    assert len(ids) == 2
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 3


def test_a_refusal_is_not_kept(api: HttpApi) -> None:
    """After buying credits, the same request may be sent again."""
    user = api.user()
    order = {"upload_id": api.photo(user).upload_id}
    refused = api.call("POST", "/v1/clips", token=user, body=order, key="k")
    assert refused.status == 402
    admin = api.admin()
    correction = {
        "user_id": user.subject,
        "amount": 2,
        "reason": "Bought by telephone",
        "ticket": "SUP-1",
    }
    adjusted = api.call("POST", "/admin/v1/credits/adjustments", token=admin, body=correction)
    assert adjusted.status == 201
    granted = api.call("POST", "/v1/clips", token=user, body=order, key="k")
    assert (granted.status, "Idempotency-Replayed" in granted.headers) == (202, False)


def test_a_request_under_way_is_not_granted_twice(api: HttpApi) -> None:
    """409 idempotency_in_progress with Retry-After while the first request runs."""
    user = api.user(credits_=5)
    order = {"upload_id": api.photo(user).upload_id}
    seen: list[Reply] = []
    begin = api.workflow.start

    def ask_again(attempt: AttemptRef) -> None:
        seen.append(api.call("POST", "/v1/clips", token=user, body=order, key="k"))
        begin(attempt)

    api.workflow.start = ask_again  # type: ignore[method-assign]
    assert api.call("POST", "/v1/clips", token=user, body=order, key="k").status == 202
    (twin,) = seen
    assert (twin.status, twin.body["code"]) == (409, "idempotency_in_progress")
    assert twin.headers["Retry-After"] == "5"


def test_a_crash_before_the_answer_was_kept_does_not_make_two_clips(api: HttpApi) -> None:
    """The clip's id comes from the key: a repeated request finds its own clip."""
    user = api.user(credits_=5)
    order = {"upload_id": api.photo(user).upload_id}
    api.records.forgetful = True
    first = api.call("POST", "/v1/clips", token=user, body=order, key="k")
    assert first.status == 202
    api.records.records.clear()
    api.records.forgetful = False
    again = api.call("POST", "/v1/clips", token=user, body=order, key="k")
    assert (again.status, again.body["id"]) == (202, first.body["id"])
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 4


def test_an_invocation_that_died_does_not_block_its_request_for_ever(api: HttpApi) -> None:
    """A record in progress is given up when its invocation can no longer be running."""
    user = api.user(credits_=5)
    order = {"upload_id": api.photo(user).upload_id}
    api.context.remaining_ms = -1000
    api.records.forgetful = True
    assert api.call("POST", "/v1/clips", token=user, body=order, key="k").status == 202
    api.records.forgetful = False
    assert api.call("POST", "/v1/clips", token=user, body=order, key="k").status == 202


def test_nothing_is_granted_that_cannot_be_written_down(api: HttpApi) -> None:
    """503, retryable, and no clip."""
    user = api.user(credits_=5)
    order = {"upload_id": api.photo(user).upload_id}
    api.records.unavailable = True
    reply = api.call("POST", "/v1/clips", token=user, body=order, key="k")
    assert (reply.status, reply.body["retryable"]) == (503, True)
    assert not api.clips.all()


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "umlaut-ä"])
def test_a_key_is_one_to_255_printable_characters(api: HttpApi, key: str) -> None:
    """Any other key is 400, and names the header."""
    user = api.user(credits_=5)
    order = {"upload_id": api.photo(user).upload_id}
    reply = api.call("POST", "/v1/clips", token=user, body=order, key=key)
    assert reply.status == 400
    assert reply.body["errors"][0]["field"] == "Idempotency-Key"


def test_the_longest_key_is_taken(api: HttpApi) -> None:
    """255 characters are fine."""
    assert api.order(api.user(credits_=1), key="x" * 255)


def test_nothing_signed_is_kept(api: HttpApi) -> None:
    """Neither tokens nor forms nor links are in the records; the answers work all the same."""
    user = api.user(credits_=5)
    photos = {"photos": [{"filename": "a.jpg", "content_type": "image/jpeg", "bytes": 9}] * 2}
    guests = [api.call("POST", "/v1/guests", key="k") for _ in range(2)]
    forms = [api.call("POST", "/v1/uploads", token=user, body=photos, key="k") for _ in range(2)]
    assert guests[0].body == guests[1].body
    ids = [[place["upload_id"] for place in reply.body["uploads"]] for reply in forms]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    assert forms[1].headers["Idempotency-Replayed"] == "true"
    for place in forms[1].body["uploads"]:
        assert api.media.receive(place["post"]["fields"], b"x")
    kept = repr([record.response_data for record in api.records.records.values()])
    assert guests[0].body["token"] not in kept
    assert "signature" not in kept.lower()
    assert "https://" not in kept
