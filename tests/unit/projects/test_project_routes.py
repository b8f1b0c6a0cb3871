"""Projects over HTTP: one page's worth in one answer, and nobody's edit lost."""

from typing import Any

import pytest

from echoes.application.ports.clips import ClipChange
from echoes.domain.clips.clip import ClipStatus, brought_home, complete
from echoes.domain.clips.clip import fail as failed
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.identifiers import ClipId
from tests.support.factories import an_id, clip_media
from tests.support.http_api import Reply, Studio, Token

PROJECTS = "/v1/projects"


def begin(studio: Studio, user: Token, **fields: object) -> Reply:
    reply = studio.call("POST", PROJECTS, token=user, body=fields, key=an_id())
    assert reply.status == 201, reply.body
    return reply


def look(studio: Studio, user: Token, project_id: str, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return studio.call("GET", f"{PROJECTS}/{project_id}", token=user, headers=sent)


def edit(studio: Studio, user: Token, project_id: str, etag: str | None, **change: object) -> Reply:
    headers = {} if etag is None else {"If-Match": etag}
    path = f"{PROJECTS}/{project_id}"
    return studio.call("PATCH", path, token=user, body=change, headers=headers)


def order(
    studio: Studio,
    user: Token,
    project_id: str,
    *photos: dict[str, object],
    key: str | None = None,
    **more: object,
) -> Reply:
    wished = [{"upload_id": studio.photo(user).upload_id, **photo} for photo in photos]
    return studio.call(
        "POST",
        f"{PROJECTS}/{project_id}/clips",
        token=user,
        body={"photos": wished, **more},
        key=key,
    )


def finish(studio: Studio, user: Token, clip_id: str) -> None:
    clip = studio.clips.get(user.subject, ClipId(clip_id))
    at = studio.clock.now()
    home = brought_home(clip, clip_media(clip), at=at)
    studio.clips.save(ClipChange(clip=home))
    studio.clips.save(ClipChange(clip=complete(home, clip_media(clip), at=at)))


def ids(body: Any) -> list[str]:  # noqa: ANN401  # JSON
    return [clip["id"] for clip in body["clips"]]


def test_a_project_is_begun_once(studio: Studio) -> None:
    """The same key again is the same project, and the answer says so."""
    user = studio.user()
    body = {"title": "Summer", "transition": "dip", "title_card": "1987", "ratio": "16:9"}
    first = studio.call("POST", PROJECTS, token=user, body=body, key="k")
    again = studio.call("POST", PROJECTS, token=user, body=body, key="k")
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Location"] == f"{PROJECTS}/{first.body['id']}"
    seen = look(studio, user, first.body["id"])
    assert seen.body == first.body
    assert seen.headers["ETag"] == first.headers["ETag"]
    assert {name: first.body[name] for name in body} == body
    assert (first.body["film"], first.body["clips"]) == (None, [])


def test_one_answer_carries_all_a_page_needs(studio: Studio) -> None:
    """Clips in their order with links to preview and poster, attempts, choice; and no master."""
    user = studio.user(credits_=3)
    project_id = begin(studio, user).body["id"]
    ordered = order(studio, user, project_id, {}, {"duration_seconds": 10}).body
    assert ordered["credits"] == 3
    waiting = look(studio, user, project_id)
    assert waiting.headers["Retry-After"] == "5"
    for clip in ordered["items"]:
        finish(studio, user, clip["id"])
    reply = look(studio, user, project_id)
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


def test_two_people_in_two_tabs_lose_nothing(studio: Studio) -> None:
    """PF5: the second edit is one 412; looked at again, it is done on top of the first."""
    user = studio.user()
    begun = begin(studio, user, title="Summer")
    project_id, seen = begun.body["id"], begun.headers["ETag"]
    first = edit(studio, user, project_id, seen, title="Summer 1987")
    second = edit(studio, user, project_id, seen, title_card="For Ann")
    assert (first.status, second.status) == (200, 412)
    assert second.body["code"] == "stale_edit"
    assert second.body["title"] == (
        "This project changed on another device. We loaded the latest version"
    )
    again = edit(
        studio, user, project_id, look(studio, user, project_id).headers["ETag"],
        title_card="For Ann",
    )  # fmt: skip
    assert (again.body["title"], again.body["title_card"]) == ("Summer 1987", "For Ann")


def test_a_clip_that_gets_on_makes_no_edit_stale(studio: Studio) -> None:
    """The page sees it (a new ETag), and may still save what it saw before."""
    user = studio.user(credits_=1)
    project_id = begin(studio, user).body["id"]
    (clip,) = order(studio, user, project_id, {}).body["items"]
    before = look(studio, user, project_id).headers["ETag"]
    assert look(studio, user, project_id, if_none_match=before).status == 304
    finish(studio, user, clip["id"])
    assert look(studio, user, project_id, if_none_match=before).status == 200
    assert edit(studio, user, project_id, before, title="Autumn").status == 200


def test_clips_that_are_ordered_make_an_edit_stale(studio: Studio) -> None:
    """A tab that does not know of the new clips must not arrange them away."""
    user = studio.user(credits_=2)
    project_id = begin(studio, user).body["id"]
    order(studio, user, project_id, {})
    seen = look(studio, user, project_id)
    order(studio, user, project_id, {})
    reply = edit(studio, user, project_id, seen.headers["ETag"], clip_ids=seen.body["clip_ids"])
    assert reply.status == 412
    assert len(look(studio, user, project_id).body["clips"]) == 2


@pytest.mark.parametrize("etag", ['"1"', '"nonsense"', "1-0", '""', '"99-abc", W/"98-abc"'])
def test_an_edit_of_a_version_that_is_not_there_is_stale(studio: Studio, etag: str) -> None:
    """Whatever is sent instead of the present tag: 412, for edits and deletions."""
    user = studio.user()
    project_id = begin(studio, user).body["id"]
    assert edit(studio, user, project_id, etag, title="Autumn").status == 412
    path, headers = f"{PROJECTS}/{project_id}", {"If-Match": etag}
    assert studio.call("DELETE", path, token=user, headers=headers).status == 412
    assert look(studio, user, project_id).body["title"] == "Untitled"


def test_who_edits_says_what_they_have_seen(studio: Studio) -> None:
    """Without If-Match 428; an asterisk is any version; one tag of a list is enough."""
    user = studio.user()
    begun = begin(studio, user)
    project_id = begun.body["id"]
    refused = edit(studio, user, project_id, None, title="Autumn")
    assert (refused.status, refused.body["code"]) == (428, "version_required")
    assert studio.call("DELETE", f"{PROJECTS}/{project_id}", token=user).status == 428
    assert edit(studio, user, project_id, "*", title="Autumn").status == 200
    present = look(studio, user, project_id).headers["ETag"]
    assert edit(studio, user, project_id, f'"0-0", W/{present}', title="Winter").status == 200


def test_clips_are_arranged_removed_and_put_back(studio: Studio) -> None:
    """PF5: by date first, then as somebody likes; removing is no deleting."""
    user = studio.user(credits_=3)
    project_id = begin(studio, user).body["id"]
    order(studio, user, project_id, {}, {}, {})
    seen = look(studio, user, project_id)
    assert seen.body["order"] == "date_taken"
    one, two, three = seen.body["clip_ids"]
    left = edit(studio, user, project_id, seen.headers["ETag"], clip_ids=[three, one])
    assert ids(left.body) == [three, one]
    assert (left.body["order"], left.body["removed_clip_ids"]) == ("own", [two])
    assert studio.call("GET", f"/v1/clips/{two}", token=user).status == 200
    back = edit(studio, user, project_id, left.headers["ETag"], clip_ids=[two, three, one])
    assert ids(back.body) == [two, three, one]
    stranger = edit(studio, user, project_id, back.headers["ETag"], clip_ids=[an_id()])
    assert (stranger.status, stranger.body["errors"][0]["field"]) == (422, "clip_ids")


def test_the_owner_chooses_between_attempts(studio: Studio) -> None:
    """A regeneration takes nothing away: the film shows what was chosen, else the newest."""
    user = studio.user(credits_=3)
    project_id = begin(studio, user).body["id"]
    (clip,) = order(studio, user, project_id, {}).body["items"]
    finish(studio, user, clip["id"])
    assert studio.call("POST", f"/v1/clips/{clip['id']}/regenerations", token=user).status == 202
    finish(studio, user, clip["id"])
    seen = look(studio, user, project_id)
    (shown,) = seen.body["clips"]
    assert "/2/preview.mp4" in shown["preview_url"]
    assert [attempt["seed"] for attempt in shown["attempts"]] == [clip["seed"], clip["seed"] + 1]
    chosen = edit(studio, user, project_id, seen.headers["ETag"], attempts={clip["id"]: 1})
    (shown,) = chosen.body["clips"]
    assert shown["chosen_attempt"] == 1
    assert "/1/preview.mp4" in shown["preview_url"]
    refused = edit(studio, user, project_id, chosen.headers["ETag"], attempts={clip["id"]: 3})
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "attempts")


def test_what_is_not_sent_stays_and_null_takes_away(studio: Studio) -> None:
    """PF6: music may be chosen, kept and given up."""
    user = studio.user()
    begun = begin(studio, user, music_track_id="tide", title_card="1987", ratio="9:16")
    project_id = begun.body["id"]
    renamed = edit(studio, user, project_id, begun.headers["ETag"], title="Autumn", title_card=None)
    assert renamed.body["music_track_id"] == "tide"
    assert (renamed.body["title_card"], renamed.body["ratio"]) == (None, "9:16")
    quiet = edit(studio, user, project_id, renamed.headers["ETag"], music_track_id=None)
    assert quiet.body["music_track_id"] is None
    same = edit(studio, user, project_id, quiet.headers["ETag"], transition=None)
    assert (same.body["transition"], same.headers["ETag"]) == ("cut", quiet.headers["ETag"])


@pytest.mark.parametrize("text", ["夏休み", "חופשה", "🏖️"])
def test_a_card_that_cannot_be_written_is_refused_when_it_is_typed(
    studio: Studio, text: str
) -> None:
    """422 that names the letters, at the beginning and at an edit; the title may have them."""
    user = studio.user()
    begun = begin(studio, user, title=text)
    project_id, tag = begun.body["id"], begun.headers["ETag"]
    body = {"title": "x", "title_card": text}
    refusals = [
        studio.call("POST", "/v1/projects", token=user, body=body),
        edit(studio, user, project_id, tag, title="Other", title_card=text),
    ]
    for refused in refusals:
        assert (refused.status, refused.body["code"]) == (422, "invalid_request")
        (error,) = refused.body["errors"]
        assert error["field"] == "title_card"
        assert text[0] in error["message"] or "nothing" in error["message"]
        assert refused.body["retryable"] is False
    assert look(studio, user, project_id).body == begun.body
    assert len(studio.call("GET", "/v1/projects", token=user).body["items"]) == 1


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
def test_a_change_that_cannot_be_made_is_named(studio: Studio, change: dict[str, object]) -> None:
    """422 with the field, and nothing is stored."""
    user = studio.user()
    begun = begin(studio, user)
    reply = edit(studio, user, begun.body["id"], begun.headers["ETag"], **change)
    assert (reply.status, reply.body["code"]) == (422, "invalid_request")
    assert reply.body["errors"][0]["field"].split(".")[0] == next(iter(change))
    assert look(studio, user, begun.body["id"]).body == begun.body


def test_a_batch_is_ordered_whole_or_not_at_all(studio: Studio) -> None:
    """PF2: 402 with what the whole batch takes and what there is; nothing is held."""
    user = studio.user(credits_=3)
    project_id = begin(studio, user).body["id"]
    reply = order(studio, user, project_id, {}, {"duration_seconds": 10}, {})
    assert (reply.status, reply.body["code"]) == (402, "insufficient_credits")
    assert (reply.body["required"], reply.body["available"]) == (4, 3)
    assert not look(studio, user, project_id).body["clips"]
    assert studio.call("GET", "/v1/credits", token=user).body["balance"] == 3


def test_one_failing_clip_gives_its_own_credit_back(studio: Studio) -> None:
    """PF4: the others go on."""
    user = studio.user(credits_=3)
    project_id = begin(studio, user).body["id"]
    batch = order(studio, user, project_id, {}, {}, {}).body["items"]
    studio.call("POST", f"/v1/clips/{batch[1]['id']}/cancellation", token=user)
    balance = studio.call("GET", "/v1/credits", token=user).body
    assert (balance["balance"], balance["held"]) == (1, 2)
    seen = look(studio, user, project_id).body["clips"]
    assert sorted(clip["status"] for clip in seen) == ["failed", "pending", "pending"]


def test_the_same_batch_again_is_answered_again(studio: Studio) -> None:
    """One entry a photo, in the order of the request; repeated it costs nothing."""
    user = studio.user(credits_=9)
    project_id = begin(studio, user).body["id"]
    path = f"{PROJECTS}/{project_id}/clips"
    photos = [{"upload_id": studio.photo(user).upload_id, "motion": "zoom_in"} for _ in range(3)]
    first = studio.call("POST", path, token=user, body={"photos": photos}, key="k")
    studio.records = type(studio.records)()
    again = studio.call("POST", path, token=user, body={"photos": photos}, key="k")
    assert again.body == first.body
    assert [clip["upload_id"] for clip in first.body["items"]] == [
        photo["upload_id"] for photo in photos
    ]
    assert first.headers["Location"] == f"{PROJECTS}/{project_id}"
    assert studio.call("GET", "/v1/credits", token=user).body["held"] == 3
    fewer = studio.call("POST", path, token=user, body={"photos": photos[:2]}, key="k")
    assert (fewer.status, fewer.body["code"]) == (422, "idempotency_mismatch")


def test_a_quote_pays_for_the_batch_it_is_for(studio: Studio) -> None:
    """Somebody else's is refused, an expired one too; its own says what each clip costs."""
    user = studio.user(credits_=3)
    project_id = begin(studio, user).body["id"]
    asked = {"clips": [{}, {"duration_seconds": 10}]}
    quote = studio.call("POST", "/v1/quotes", token=user, body=asked).body["quote"]
    other = studio.call("POST", "/v1/quotes", token=studio.user(), body=asked).body["quote"]
    assert order(studio, user, project_id, {}, quote=other).status == 400
    assert order(studio, user, project_id, {"duration_seconds": 3}, quote=quote).status == 422
    reply = order(studio, user, project_id, {}, {"duration_seconds": 10}, quote=quote)
    assert (reply.status, reply.body["credits"]) == (202, 3)


@pytest.mark.parametrize("photos", [[], [{"upload_id": "a" * 24}] * 51, [{}], "all"])
def test_a_batch_is_one_to_fifty_photos(studio: Studio, photos: object) -> None:
    """Anything else is refused before anybody looks for a photo."""
    user = studio.user(credits_=3)
    path = f"{PROJECTS}/{begin(studio, user).body['id']}/clips"
    assert studio.call("POST", path, token=user, body={"photos": photos}).status == 422


def test_projects_are_listed_newest_first(studio: Studio) -> None:
    """With the poster of the first clip; pages go on where the last one ended."""
    user = studio.user(credits_=1)
    names = [f"project {number}" for number in range(5)]
    made = [begin(studio, user, title=name).body["id"] for name in names]
    (clip,) = order(studio, user, made[-1], {}).body["items"]
    finish(studio, user, clip["id"])
    begin(studio, studio.user(), title="somebody else's")
    titles, query = [], {"limit": "2"}
    while True:
        page = studio.call("GET", PROJECTS, token=user, query=query)
        titles += [item["title"] for item in page.body["items"]]
        if page.body["next_cursor"] is None:
            break
        query = {"limit": "2", "cursor": page.body["next_cursor"]}
    assert titles == names[::-1]
    newest, next_one = studio.call("GET", PROJECTS, token=user).body["items"][:2]
    assert (newest["clip_count"], next_one["clip_count"]) == (1, 0)
    assert "poster.jpg" in newest["poster_url"]
    assert next_one["poster_url"] is None
    stolen = {"cursor": query["cursor"]}
    assert studio.call("GET", PROJECTS, token=studio.user(), query=stolen).status == 400
    assert studio.call("GET", PROJECTS, token=user, query={"limit": "101"}).status == 400


def test_an_unchanged_list_is_not_sent_again(studio: Studio) -> None:
    """PF-C2: 304 for the same page, a new tag as soon as anything in it changes."""
    user = studio.user()
    begun = begin(studio, user)
    seen = studio.call("GET", PROJECTS, token=user).headers["ETag"]
    headers = {"If-None-Match": seen}
    assert studio.call("GET", PROJECTS, token=user, headers=headers).status == 304
    edit(studio, user, begun.body["id"], begun.headers["ETag"], title="Autumn")
    assert studio.call("GET", PROJECTS, token=user, headers=headers).status == 200


def test_a_deleted_project_is_gone_at_once(studio: Studio) -> None:
    """For its owner it does not exist any more, neither by id nor in the list."""
    user = studio.user()
    begun = begin(studio, user)
    path, headers = f"{PROJECTS}/{begun.body['id']}", {"If-Match": begun.headers["ETag"]}
    assert studio.call("DELETE", path, token=user, headers=headers).status == 204
    assert studio.call("DELETE", path, token=user, headers=headers).status == 404
    assert look(studio, user, begun.body["id"]).status == 404
    assert not studio.call("GET", PROJECTS, token=user).body["items"]


def test_guests_have_no_projects(studio: Studio) -> None:
    """403 on every route: sign up first."""
    guest, one = studio.guest(), f"{PROJECTS}/{an_id()}"
    for method, path in (
        ("GET", PROJECTS),
        ("POST", PROJECTS),
        ("GET", one),
        ("PATCH", one),
        ("DELETE", one),
        ("POST", f"{one}/clips"),
    ):
        reply = studio.call(method, path, token=guest, body={})
        assert (reply.status, reply.body["code"]) == (403, "forbidden")
        assert studio.call(method, path, body={}).status == 401


def test_a_single_order_comes_into_its_project(studio: Studio) -> None:
    """Only into one of the owner's: else 404, and nothing is held."""
    user = studio.user(credits_=2)
    project_id = begin(studio, user).body["id"]
    clip = studio.order(user, project_id=project_id)
    assert ids(look(studio, user, project_id).body) == [clip["id"]]
    theirs = begin(studio, studio.user()).body["id"]
    for other in (theirs, an_id()):
        body = {"upload_id": studio.photo(user).upload_id, "project_id": other}
        assert studio.call("POST", "/v1/clips", token=user, body=body).status == 404
    assert studio.call("GET", "/v1/credits", token=user).body["held"] == 1


def test_a_clip_that_is_deleted_leaves_its_project(studio: Studio) -> None:
    """And the project's page goes on without it."""
    user = studio.user(credits_=2)
    project_id = begin(studio, user).body["id"]
    one, two = order(studio, user, project_id, {}, {}).body["items"]
    clip = studio.clips.get(user.subject, ClipId(one["id"]))
    ended = failed(clip, ErrorCode.GENERATION_FAILED, at=studio.clock.now())
    assert ended.attempt.status is ClipStatus.FAILED
    studio.clips.save(ClipChange(clip=ended))
    assert studio.call("DELETE", f"/v1/clips/{one['id']}", token=user).status == 204
    assert ids(look(studio, user, project_id).body) == [two["id"]]


def test_an_admin_sees_what_the_provider_calls_a_clip(studio: Studio) -> None:
    """SE3: and the look is written down."""
    user = studio.user(credits_=1)
    project_id = begin(studio, user).body["id"]
    order(studio, user, project_id, {})
    admin = look(studio, studio.admin(), project_id)
    assert "runway_job_id" in admin.body["clips"][0]
    own = look(studio, user, project_id)
    assert "runway_job_id" not in own.body["clips"][0]
    assert admin.headers["ETag"] != own.headers["ETag"]
    assert [read.resource_id for read in studio.supervision.reads] == [project_id]
