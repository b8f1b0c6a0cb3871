"""Films over HTTP: ordered, followed, cancelled, paid for, fetched."""

from dataclasses import replace
from urllib.parse import unquote

from echoes.application.ports.clips import ClipChange
from echoes.domain.films.film import FilmMedia, complete, verified
from echoes.domain.identifiers import FilmId
from echoes.domain.projects.project import Look
from tests.support.api_description import Reply
from tests.support.film_harness import FilmHarness
from tests.support.http_api import HttpApi, Token


def a_project(api: HttpApi, owner: Token, *, free: bool = False) -> str:
    harness = FilmHarness(owner=owner.subject, clips=api.clips, films=api.films)
    clips = [harness.clip(), harness.clip(free=free)]
    return harness.project(*clips, at=api.clock.now()).project_id


def ordered(api: HttpApi, owner: Token, *, key: str = "film") -> Reply:
    path = f"/v1/projects/{a_project(api, owner)}/films"
    reply = api.call("POST", path, token=owner, key=key)
    assert reply.status == 202, reply.body
    return reply


def completed(api: HttpApi, owner: Token, film_id: str) -> None:
    film = api.films.get(owner.subject, FilmId(film_id))
    media = FilmMedia(
        key=f"{film.prefix}film.mp4",
        poster_key=f"{film.prefix}poster.jpg",
        preview_key=f"{film.prefix}preview.webp",
        duration_seconds=10.0,
        frames=240,
        width=1280,
        height=720,
        bytes=1_000_000,
        sha256="c" * 64,
        assembly_seconds=0.2,
    )
    api.media.write(media.key, b"the film", content_type="video/mp4")
    shown = verified(film, media, at=api.clock.now())
    api.films.save(shown)
    api.films.save(complete(shown, at=api.clock.now()))


def test_a_title_that_cannot_be_written_is_refused_before_a_film_is_begun(api: HttpApi) -> None:
    """Of a project from before cards were looked at: 422 that says why, not a film that fails."""
    owner = api.user()
    harness = FilmHarness(owner=owner.subject, clips=api.clips, films=api.films)
    made = harness.project(harness.clip(), at=api.clock.now())
    project = replace(made, look=Look(title_card="夏休み"), version=made.version + 1)
    api.clips.projects.save(project)
    path = f"/v1/projects/{project.project_id}"
    refused = api.call("POST", f"{path}/films", token=owner, key="film")
    assert (refused.status, refused.body["code"]) == (422, "invalid_request")
    assert refused.body["errors"][0]["field"] == "title_card"
    assert "夏, 休, み" in refused.body["detail"]
    seen = api.call("GET", path, token=owner)
    assert seen.body["film"] is None
    without = api.call(
        "PATCH",
        path,
        token=owner,
        body={"title_card": None},
        headers={"If-Match": seen.headers["ETag"]},
    )
    assert without.status == 200
    assert api.call("POST", f"{path}/films", token=owner, key="film").status == 202


def test_a_film_is_accepted_and_can_be_followed(api: HttpApi) -> None:
    """202 with where to ask, then 200 with a tag, then 304 while nothing changes."""
    owner = api.user()
    reply = ordered(api, owner)
    assert reply.headers["Location"] == f"/v1/films/{reply.body['id']}"
    assert (reply.body["status"], reply.body["stage"]) == ("pending", "queued")

    first = api.call("GET", reply.headers["Location"], token=owner)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = api.call("GET", reply.headers["Location"], token=owner, headers=tag)

    assert first.headers["Retry-After"] == "5"
    assert (again.status, again.body) == (304, None)
    completed(api, owner, reply.body["id"])
    done = api.call("GET", reply.headers["Location"], token=owner, headers=tag)
    assert (done.status, done.body["status"], done.body["progress"]) == (200, "completed", 1.0)
    assert "Retry-After" not in done.headers
    assert None not in (done.body["poster_url"], done.body["preview_url"])


def test_the_same_key_orders_one_film(api: HttpApi) -> None:
    """V2: the first answer again."""
    owner = api.user()
    path = f"/v1/projects/{a_project(api, owner)}/films"
    first = api.call("POST", path, token=owner, key="once")
    second = api.call("POST", path, token=owner, key="once")
    assert first.body == second.body
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(api.assembly.started) == 1


def test_an_unchanged_project_is_made_into_one_film(api: HttpApi) -> None:
    """Ordered again under another key or none: the same film, with when to ask while it is made."""
    owner = api.user()
    path = f"/v1/projects/{a_project(api, owner)}/films"
    first = api.call("POST", path, token=owner)
    again = api.call("POST", path, token=owner, key="another")

    assert (again.status, again.body) == (202, first.body)
    assert (again.headers["Location"], again.headers["Retry-After"]) == (
        f"/v1/films/{first.body['id']}",
        "5",
    )
    completed(api, owner, first.body["id"])
    done = api.call("POST", path, token=owner)
    assert (done.status, done.body["id"], done.body["status"]) == (
        202,
        first.body["id"],
        "completed",
    )
    assert "Retry-After" not in done.headers
    assert len(api.assembly.started) == 1


def test_a_few_films_at_once_are_enough(api: HttpApi) -> None:
    """429 with when to look again; the same key succeeds once there is room."""
    owner = api.user()
    films = [ordered(api, owner, key=str(number)).body["id"] for number in range(3)]
    path = f"/v1/projects/{a_project(api, owner)}/films"
    refused = api.call("POST", path, token=owner, key="later")

    assert (refused.status, refused.body["code"]) == (429, "rate_limited")
    assert refused.body["retryable"] is True
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["RateLimit"].startswith('"films";r=0;t=')
    assert refused.headers["RateLimit-Policy"] == '"films";q=3'
    assert len(api.assembly.started) == 3
    ordered(api, api.user())
    completed(api, owner, films[0])
    assert api.call("POST", path, token=owner, key="later").status == 202


def test_an_unpaid_film_names_what_is_missing_and_the_way_back(api: HttpApi) -> None:
    """PF7: 402 with the clips, the pack that would do, and a checkout that leads back here."""
    owner = api.user()
    project = a_project(api, owner, free=True)
    reply = api.call("POST", f"/v1/projects/{project}/films", token=owner)

    assert (reply.status, reply.body["code"]) == (402, "payment_required")
    assert (reply.body["required"], reply.body["available"]) == (1, 0)
    assert len(reply.body["clip_ids"]) == 1
    assert reply.body["return_to"] == f"/projects/{project}"
    assert reply.body["checkout_url"].endswith(f"?return_to=%2Fprojects%2F{project}")
    assert api.assembly.started == []


def test_a_film_is_given_out_when_it_is_done(api: HttpApi) -> None:
    """Busy before, signed for an hour then."""
    owner = api.user()
    film_id = ordered(api, owner).body["id"]
    busy = api.call("GET", f"/v1/films/{film_id}/download", token=owner)
    assert (busy.status, busy.body["code"]) == (409, "film_busy")

    completed(api, owner, film_id)
    link = api.call("GET", f"/v1/films/{film_id}/download", token=owner)

    assert api.media.follow(link.body["url"]) == b"the film"
    assert "X-Amz-Expires=3600" in link.body["url"]


def test_a_film_with_an_unpaid_clip_is_not_given_out(api: HttpApi) -> None:
    """PF7: the same 402 as for its order: what is missing, what would do, and the way back."""
    owner = api.user()
    film_id = ordered(api, owner).body["id"]
    completed(api, owner, film_id)
    film = api.films.get(owner.subject, FilmId(film_id))
    clip = api.clips.get(owner.subject, film.clips[0].clip_id)
    api.clips.save(ClipChange(clip=replace(clip, free=True, version=clip.version + 1)))

    reply = api.call("GET", f"/v1/films/{film_id}/download", token=owner)

    assert (reply.status, reply.body["code"]) == (402, "payment_required")
    assert (reply.body["required"], reply.body["available"]) == (1, 0)
    assert reply.body["clip_ids"] == [clip.clip_id]
    assert reply.body["pack"]["credits"] >= reply.body["required"]
    assert reply.body["return_to"] == f"/projects/{film.project_id}"
    way_back = reply.body["checkout_url"].rpartition("?return_to=")[2]
    assert unquote(way_back) == reply.body["return_to"]


def test_a_cancelled_film_says_so(api: HttpApi) -> None:
    """At once, with a text for people; twice is as good as once."""
    owner = api.user()
    film_id = ordered(api, owner).body["id"]
    path = f"/v1/films/{film_id}/cancellation"
    cancelled = api.call("POST", path, token=owner, key="stop")
    again = api.call("POST", path, token=owner, key="stop again")

    assert cancelled.status == again.status == 202
    assert cancelled.body == again.body
    assert (cancelled.body["stage"], cancelled.body["error"]["code"]) == (
        "cancelled",
        "film_cancelled",
    )


def test_guests_have_no_films(api: HttpApi) -> None:
    """Films are of projects, and those need an account."""
    owner, guest = api.user(), api.guest()
    project = a_project(api, owner)
    assert api.call("POST", f"/v1/projects/{project}/films", token=guest).status == 403


def test_a_project_shows_its_newest_film(api: HttpApi) -> None:
    """One GET carries what a page needs, and its tag changes as the film gets on."""
    owner = api.user()
    project = f"/v1/projects/{a_project(api, owner)}"
    before = api.call("GET", project, token=owner)
    assert before.body["film"] is None
    first = api.call("POST", f"{project}/films", token=owner).body["id"]
    api.call("POST", f"/v1/films/{first}/cancellation", token=owner)
    film_id = api.call("POST", f"{project}/films", token=owner).body["id"]
    assert film_id != first
    shown = api.call("GET", project, token=owner)
    assert (shown.body["film"]["id"], shown.headers["Retry-After"]) == (film_id, "5")
    completed(api, owner, film_id)
    done = api.call("GET", project, token=owner)
    assert done.body["film"]["status"] == "completed"
    assert len({reply.headers["ETag"] for reply in (before, shown, done)}) == 3


def test_a_deleted_project_gives_out_no_film(api: HttpApi) -> None:
    """What was deleted is not signed any more."""
    owner = api.user()
    project = f"/v1/projects/{a_project(api, owner)}"
    film_id = api.call("POST", f"{project}/films", token=owner).body["id"]
    completed(api, owner, film_id)
    api.call("DELETE", project, token=owner, headers={"If-Match": "*"})
    assert api.call("GET", f"/v1/films/{film_id}/download", token=owner).status == 404
