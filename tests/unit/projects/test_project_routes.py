"""Projects over HTTP: one page's worth in one answer, and nobody's edit lost."""

from typing import Any

import pytest

from echoes.application.ports.clips import ClipChange
from echoes.domain.clips.attempts import ClipStatus
from echoes.domain.clips.clip import complete, media_stored
from echoes.domain.clips.clip import fail as failed
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.identifiers import ClipId
from tests.support.api_description import Reply
from tests.support.factories import an_id, clip_media
from tests.support.http_api import HttpApi, Token

PROJECTS = "/v1/projects"


def begin(api: HttpApi, user: Token, **fields: object) -> Reply:
    reply = api.call("POST", PROJECTS, token=user, body=fields, key=an_id())
    assert reply.status == 201, reply.body
    return reply


def look(api: HttpApi, user: Token, project_id: str, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.call("GET", f"{PROJECTS}/{project_id}", token=user, headers=sent)


def edit(api: HttpApi, user: Token, project_id: str, etag: str | None, **change: object) -> Reply:
    headers = {} if etag is None else {"If-Match": etag}
    path = f"{PROJECTS}/{project_id}"
    return api.call("PATCH", path, token=user, body=change, headers=headers)


def order(
    api: HttpApi,
    user: Token,
    project_id: str,
    *photos: dict[str, object],
    key: str | None = None,
    **more: object,
) -> Reply:
    requested = [{"upload_id": api.photo(user).upload_id, **photo} for photo in photos]
    return api.call(
        "POST",
        f"{PROJECTS}/{project_id}/clips",
        token=user,
        body={"photos": requested, **more},
        key=key,
    )


def finish(api: HttpApi, user: Token, clip_id: str) -> None:
    clip = api.clips.get(user.subject, ClipId(clip_id))
    at = api.clock.now()
    home = media_stored(clip, clip_media(clip), at=at)
    api.clips.save(ClipChange(clip=home))
    api.clips.save(ClipChange(clip=complete(home, clip_media(clip), at=at)))


def ids(body: Any) -> list[str]:  # noqa: ANN401  # JSON
    return [clip["id"] for clip in body["clips"]]


def test_a_project_is_begun_once(api: HttpApi) -> None:
    """The same key again is the same project, and the answer says so."""
    user = api.user()
    body = {"title": "Summer", "transition": "dip", "title_card": "1987", "ratio": "16:9"}
    first = api.call("POST", PROJECTS, token=user, body=body, key="k")
    again = api.call("POST", PROJECTS, token=user, body=body, key="k")
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Location"] == f"{PROJECTS}/{first.body['id']}"
    seen = look(api, user, first.body["id"])
    assert seen.body == first.body
    assert seen.headers["ETag"] == first.headers["ETag"]
    assert {name: first.body[name] for name in body} == body
    assert (first.body["film"], first.body["clips"]) == (None, [])


def test_one_answer_carries_all_a_page_needs(api: HttpApi) -> None:
    """Clips in their order with links to preview and poster, attempts, choice; and no master."""
    user = api.user(credits_=3)
    project_id = begin(api, user).body["id"]
    ordered = order(api, user, project_id, {}, {"duration_seconds": 10}).body
    assert ordered["credits"] == 3
    waiting = look(api, user, project_id)
    assert waiting.headers["Retry-After"] == "5"
    for clip in ordered["items"]:
        finish(api, user, clip["id"])
    reply = look(api, user, project_id)
    assert "Retry-After" not in reply.headers
    assert ids(reply.body) == reply.body["clip_ids"] == [c["id"] for c in ordered["items"]]
    for clip in reply.body["clips"]:
        assert clip["project_id"] == project_id
        assert clip["taken_at"] == "2024-11-27T12:00:00.000Z"
        (attempt,) = clip["attempts"]
        assert (attempt["attempt"], attempt["status"]) == (1, "completed")
        assert attempt["preview_url"] == clip["preview_url"]
        assert "poster.jpg" in clip["poster_url"]
    assert "master" not in str(reply.body)


def test_two_people_in_two_tabs_lose_nothing(api: HttpApi) -> None:
    """PF5: the second edit is one 412; looked at again, it is done on top of the first."""
    user = api.user()
    begun = begin(api, user, title="Summer")
    project_id, seen = begun.body["id"], begun.headers["ETag"]
    first = edit(api, user, project_id, seen, title="Summer 1987")
    second = edit(api, user, project_id, seen, title_card="For Ann")
    assert (first.status, second.status) == (200, 412)
    assert second.body["code"] == "stale_edit"
    assert second.body["title"] == (
        "This project changed on another device. We loaded the latest version"
    )
    again = edit(
        api, user, project_id, look(api, user, project_id).headers["ETag"],
        title_card="For Ann",
    )  # fmt: skip
    assert (again.body["title"], again.body["title_card"]) == ("Summer 1987", "For Ann")


def test_a_clip_that_gets_on_makes_no_edit_stale(api: HttpApi) -> None:
    """The page sees it (a new ETag), and may still save what it saw before."""
    user = api.user(credits_=1)
    project_id = begin(api, user).body["id"]
    (clip,) = order(api, user, project_id, {}).body["items"]
    before = look(api, user, project_id).headers["ETag"]
    assert look(api, user, project_id, if_none_match=before).status == 304
    finish(api, user, clip["id"])
    assert look(api, user, project_id, if_none_match=before).status == 200
    assert edit(api, user, project_id, before, title="Autumn").status == 200


def test_clips_that_are_ordered_make_an_edit_stale(api: HttpApi) -> None:
    """A tab that does not know of the new clips must not arrange them away."""
    user = api.user(credits_=2)
    project_id = begin(api, user).body["id"]
    order(api, user, project_id, {})
    seen = look(api, user, project_id)
    order(api, user, project_id, {})
    reply = edit(api, user, project_id, seen.headers["ETag"], clip_ids=seen.body["clip_ids"])
    assert reply.status == 412
    assert len(look(api, user, project_id).body["clips"]) == 2


@pytest.mark.parametrize("etag", ['"1"', '"nonsense"', "1-0", '""', '"99-abc", W/"98-abc"'])
def test_an_edit_of_a_version_that_is_not_there_is_stale(api: HttpApi, etag: str) -> None:
    """Whatever is sent instead of the present tag: 412, for edits and deletions."""
    user = api.user()
    project_id = begin(api, user).body["id"]
    assert edit(api, user, project_id, etag, title="Autumn").status == 412
    path, headers = f"{PROJECTS}/{project_id}", {"If-Match": etag}
    assert api.call("DELETE", path, token=user, headers=headers).status == 412
    assert look(api, user, project_id).body["title"] == "Untitled"


def test_who_edits_says_what_they_have_seen(api: HttpApi) -> None:
    """Without If-Match 428; an asterisk is any version; one tag of a list is enough."""
    user = api.user()
    begun = begin(api, user)
    project_id = begun.body["id"]
    refused = edit(api, user, project_id, None, title="Autumn")
    assert (refused.status, refused.body["code"]) == (428, "version_required")
    assert api.call("DELETE", f"{PROJECTS}/{project_id}", token=user).status == 428
    assert edit(api, user, project_id, "*", title="Autumn").status == 200
    present = look(api, user, project_id).headers["ETag"]
    assert edit(api, user, project_id, f'"0-0", W/{present}', title="Winter").status == 200


def test_clips_are_arranged_removed_and_put_back(api: HttpApi) -> None:
    """PF5: by date first, then as somebody likes; removing is no deleting."""
    user = api.user(credits_=3)
    project_id = begin(api, user).body["id"]
    order(api, user, project_id, {}, {}, {})
    seen = look(api, user, project_id)
    assert seen.body["order"] == "date_taken"
    one, two, three = seen.body["clip_ids"]
    left = edit(api, user, project_id, seen.headers["ETag"], clip_ids=[three, one])
    assert ids(left.body) == [three, one]
    assert (left.body["order"], left.body["removed_clip_ids"]) == ("own", [two])
    assert api.call("GET", f"/v1/clips/{two}", token=user).status == 200
    back = edit(api, user, project_id, left.headers["ETag"], clip_ids=[two, three, one])
    assert ids(back.body) == [two, three, one]
    stranger = edit(api, user, project_id, back.headers["ETag"], clip_ids=[an_id()])
    assert (stranger.status, stranger.body["errors"][0]["field"]) == (422, "clip_ids")


def test_the_owner_chooses_between_attempts(api: HttpApi) -> None:
    """A regeneration takes nothing away: the film shows what was chosen, else the newest."""
    user = api.user(credits_=3)
    project_id = begin(api, user).body["id"]
    (clip,) = order(api, user, project_id, {}).body["items"]
    finish(api, user, clip["id"])
    assert api.call("POST", f"/v1/clips/{clip['id']}/regenerations", token=user).status == 202
    finish(api, user, clip["id"])
    seen = look(api, user, project_id)
    (shown,) = seen.body["clips"]
    assert "/2/preview.mp4" in shown["preview_url"]
    assert [attempt["seed"] for attempt in shown["attempts"]] == [clip["seed"], clip["seed"] + 1]
    chosen = edit(api, user, project_id, seen.headers["ETag"], attempts={clip["id"]: 1})
    (shown,) = chosen.body["clips"]
    assert shown["chosen_attempt"] == 1
    assert "/1/preview.mp4" in shown["preview_url"]
    refused = edit(api, user, project_id, chosen.headers["ETag"], attempts={clip["id"]: 3})
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "attempts")


def test_what_is_not_sent_stays_and_null_takes_away(api: HttpApi) -> None:
    """PF6: music may be chosen, kept and given up."""
    user = api.user()
    begun = begin(api, user, music_track_id="tide", title_card="1987", ratio="9:16")
    project_id = begun.body["id"]
    renamed = edit(api, user, project_id, begun.headers["ETag"], title="Autumn", title_card=None)
    assert renamed.body["music_track_id"] == "tide"
    assert (renamed.body["title_card"], renamed.body["ratio"]) == (None, "9:16")
    quiet = edit(api, user, project_id, renamed.headers["ETag"], music_track_id=None)
    assert quiet.body["music_track_id"] is None
    same = edit(api, user, project_id, quiet.headers["ETag"], transition=None)
    assert (same.body["transition"], same.headers["ETag"]) == ("cut", quiet.headers["ETag"])


@pytest.mark.parametrize("text", ["夏休み", "חופשה", "🏖️"])
def test_a_card_that_cannot_be_written_is_refused_when_it_is_typed(api: HttpApi, text: str) -> None:
    """422 that names the letters, at the beginning and at an edit; the title may have them."""
    user = api.user()
    begun = begin(api, user, title=text)
    project_id, tag = begun.body["id"], begun.headers["ETag"]
    body = {"title": "x", "title_card": text}
    refusals = [
        api.call("POST", "/v1/projects", token=user, body=body),
        edit(api, user, project_id, tag, title="Other", title_card=text),
    ]
    for refused in refusals:
        assert (refused.status, refused.body["code"]) == (422, "invalid_request")
        (error,) = refused.body["errors"]
        assert error["field"] == "title_card"
        assert text[0] in error["message"] or "nothing" in error["message"]
        assert refused.body["retryable"] is False
    assert look(api, user, project_id).body == begun.body
    assert len(api.call("GET", "/v1/projects", token=user).body["items"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": "t" * 121},
        {"title": " "},
        {"title_card": "t" * 81},
        {"transition": "wipe"},
        {"ratio": "2:1"},
        {"music_track_id": "../etc"},
        {"clip_ids": ["x"]},
        {"attempts": {"x": 1}},
        {"attempts": {"a" * 24: 5}},
        {"colour": "red"},
    ],
)
def test_a_change_that_cannot_be_made_is_named(api: HttpApi, change: dict[str, object]) -> None:
    """422 with the field, and nothing is stored."""
    user = api.user()
    begun = begin(api, user)
    reply = edit(api, user, begun.body["id"], begun.headers["ETag"], **change)
    assert (reply.status, reply.body["code"]) == (422, "invalid_request")
    assert reply.body["errors"][0]["field"].split(".")[0] == next(iter(change))
    assert look(api, user, begun.body["id"]).body == begun.body


def test_a_batch_is_ordered_whole_or_not_at_all(api: HttpApi) -> None:
    """PF2: 402 with what the whole batch takes and what there is; nothing is held."""
    user = api.user(credits_=3)
    project_id = begin(api, user).body["id"]
    reply = order(api, user, project_id, {}, {"duration_seconds": 10}, {})
    assert (reply.status, reply.body["code"]) == (402, "insufficient_credits")
    assert (reply.body["required"], reply.body["available"]) == (4, 3)
    assert not look(api, user, project_id).body["clips"]
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 3


def test_one_failing_clip_gives_its_own_credit_back(api: HttpApi) -> None:
    """PF4: the others go on."""
    user = api.user(credits_=3)
    project_id = begin(api, user).body["id"]
    batch = order(api, user, project_id, {}, {}, {}).body["items"]
    api.call("POST", f"/v1/clips/{batch[1]['id']}/cancellation", token=user)
    balance = api.call("GET", "/v1/credits", token=user).body
    assert (balance["balance"], balance["held"]) == (1, 2)
    seen = look(api, user, project_id).body["clips"]
    assert sorted(clip["status"] for clip in seen) == ["failed", "pending", "pending"]


def test_the_same_batch_again_is_answered_again(api: HttpApi) -> None:
    """One entry a photo, in the order of the request; repeated it costs nothing."""
    user = api.user(credits_=9)
    project_id = begin(api, user).body["id"]
    path = f"{PROJECTS}/{project_id}/clips"
    photos = [{"upload_id": api.photo(user).upload_id, "motion": "zoom_in"} for _ in range(3)]
    first = api.call("POST", path, token=user, body={"photos": photos}, key="k")
    api.records = type(api.records)()
    again = api.call("POST", path, token=user, body={"photos": photos}, key="k")
    assert again.body == first.body
    assert [clip["upload_id"] for clip in first.body["items"]] == [
        photo["upload_id"] for photo in photos
    ]
    assert first.headers["Location"] == f"{PROJECTS}/{project_id}"
    assert api.call("GET", "/v1/credits", token=user).body["held"] == 3
    fewer = api.call("POST", path, token=user, body={"photos": photos[:2]}, key="k")
    assert (fewer.status, fewer.body["code"]) == (422, "idempotency_mismatch")


def test_a_quote_pays_for_the_batch_it_is_for(api: HttpApi) -> None:
    """Somebody else's is refused, an expired one too; its own says what each clip costs."""
    user = api.user(credits_=3)
    project_id = begin(api, user).body["id"]
    asked = {"clips": [{}, {"duration_seconds": 10}]}
    quote = api.call("POST", "/v1/quotes", token=user, body=asked).body["quote"]
    other = api.call("POST", "/v1/quotes", token=api.user(), body=asked).body["quote"]
    assert order(api, user, project_id, {}, quote=other).status == 400
    assert order(api, user, project_id, {"duration_seconds": 3}, quote=quote).status == 422
    reply = order(api, user, project_id, {}, {"duration_seconds": 10}, quote=quote)
    assert (reply.status, reply.body["credits"]) == (202, 3)


@pytest.mark.parametrize("photos", [[], [{"upload_id": "a" * 24}] * 51, [{}], "all"])
def test_a_batch_is_one_to_fifty_photos(api: HttpApi, photos: object) -> None:
    """Anything else is refused before anybody looks for a photo."""
    user = api.user(credits_=3)
    path = f"{PROJECTS}/{begin(api, user).body['id']}/clips"
    assert api.call("POST", path, token=user, body={"photos": photos}).status == 422


def test_projects_are_listed_newest_first(api: HttpApi) -> None:
    """With the poster of the first clip; pages go on where the last one ended."""
    user = api.user(credits_=1)
    names = [f"project {number}" for number in range(5)]
    made = [begin(api, user, title=name).body["id"] for name in names]
    (clip,) = order(api, user, made[-1], {}).body["items"]
    finish(api, user, clip["id"])
    begin(api, api.user(), title="somebody else's")
    titles, query = [], {"limit": "2"}
    while True:
        page = api.call("GET", PROJECTS, token=user, query=query)
        titles += [item["title"] for item in page.body["items"]]
        if page.body["next_cursor"] is None:
            break
        query = {"limit": "2", "cursor": page.body["next_cursor"]}
    assert titles == names[::-1]
    newest, next_one = api.call("GET", PROJECTS, token=user).body["items"][:2]
    assert (newest["clip_count"], next_one["clip_count"]) == (1, 0)
    assert "poster.jpg" in newest["poster_url"]
    assert next_one["poster_url"] is None
    stolen = {"cursor": query["cursor"]}
    assert api.call("GET", PROJECTS, token=api.user(), query=stolen).status == 400
    assert api.call("GET", PROJECTS, token=user, query={"limit": "101"}).status == 400


def test_an_unchanged_list_is_not_sent_again(api: HttpApi) -> None:
    """PF-C2: 304 for the same page, a new tag as soon as anything in it changes."""
    user = api.user()
    begun = begin(api, user)
    seen = api.call("GET", PROJECTS, token=user).headers["ETag"]
    headers = {"If-None-Match": seen}
    assert api.call("GET", PROJECTS, token=user, headers=headers).status == 304
    edit(api, user, begun.body["id"], begun.headers["ETag"], title="Autumn")
    assert api.call("GET", PROJECTS, token=user, headers=headers).status == 200


def test_a_deleted_project_is_gone_at_once(api: HttpApi) -> None:
    """For its owner it does not exist any more, neither by id nor in the list."""
    user = api.user()
    begun = begin(api, user)
    path, headers = f"{PROJECTS}/{begun.body['id']}", {"If-Match": begun.headers["ETag"]}
    assert api.call("DELETE", path, token=user, headers=headers).status == 204
    assert api.call("DELETE", path, token=user, headers=headers).status == 404
    assert look(api, user, begun.body["id"]).status == 404
    assert not api.call("GET", PROJECTS, token=user).body["items"]


def test_guests_have_no_projects(api: HttpApi) -> None:
    """403 on every route: sign up first."""
    guest, one = api.guest(), f"{PROJECTS}/{an_id()}"
    for method, path in (
        ("GET", PROJECTS),
        ("POST", PROJECTS),
        ("GET", one),
        ("PATCH", one),
        ("DELETE", one),
        ("POST", f"{one}/clips"),
    ):
        reply = api.call(method, path, token=guest, body={})
        assert (reply.status, reply.body["code"]) == (403, "forbidden")
        assert api.call(method, path, body={}).status == 401


def test_a_single_order_comes_into_its_project(api: HttpApi) -> None:
    """Only into one of the owner's: else 404, and nothing is held."""
    user = api.user(credits_=2)
    project_id = begin(api, user).body["id"]
    clip = api.order(user, project_id=project_id)
    assert ids(look(api, user, project_id).body) == [clip["id"]]
    theirs = begin(api, api.user()).body["id"]
    for other in (theirs, an_id()):
        body = {"upload_id": api.photo(user).upload_id, "project_id": other}
        assert api.call("POST", "/v1/clips", token=user, body=body).status == 404
    assert api.call("GET", "/v1/credits", token=user).body["held"] == 1


def test_a_clip_that_is_deleted_leaves_its_project(api: HttpApi) -> None:
    """And the project's page goes on without it."""
    user = api.user(credits_=2)
    project_id = begin(api, user).body["id"]
    one, two = order(api, user, project_id, {}, {}).body["items"]
    clip = api.clips.get(user.subject, ClipId(one["id"]))
    ended = failed(clip, ErrorCode.GENERATION_FAILED, at=api.clock.now())
    assert ended.attempt.status is ClipStatus.FAILED
    api.clips.save(ClipChange(clip=ended))
    assert api.call("DELETE", f"/v1/clips/{one['id']}", token=user).status == 204
    assert ids(look(api, user, project_id).body) == [two["id"]]


def test_an_admin_sees_what_the_provider_calls_a_clip(api: HttpApi) -> None:
    """SE3: and the look is written down."""
    user = api.user(credits_=1)
    project_id = begin(api, user).body["id"]
    order(api, user, project_id, {})
    admin = look(api, api.admin(), project_id)
    assert "runway_job_id" in admin.body["clips"][0]
    own = look(api, user, project_id)
    assert "runway_job_id" not in own.body["clips"][0]
    assert admin.headers["ETag"] != own.headers["ETag"]
    assert [read.resource_id for read in api.access_audit.reads] == [project_id]
