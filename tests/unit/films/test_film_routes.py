"""Films over HTTP: ordered, followed, cancelled, paid for, fetched."""

from dataclasses import replace
from urllib.parse import unquote

from echoes.application.ports.clips import ClipChange
from echoes.domain.films.film import FilmMedia, complete, verified
from echoes.domain.identifiers import FilmId
from echoes.domain.projects.project import Look
from tests.support.film_world import FilmWorld
from tests.support.http_api import Reply, Studio, Token


def a_project(studio: Studio, owner: Token, *, free: bool = False) -> str:
    world = FilmWorld(owner=owner.subject, clips=studio.clips, films=studio.films)
    clips = [world.clip(), world.clip(free=free)]
    return world.project(*clips, at=studio.clock.now()).project_id


def ordered(studio: Studio, owner: Token, *, key: str = "film") -> Reply:
    path = f"/v1/projects/{a_project(studio, owner)}/films"
    reply = studio.call("POST", path, token=owner, key=key)
    assert reply.status == 202, reply.body
    return reply


def completed(studio: Studio, owner: Token, film_id: str) -> None:
    film = studio.films.get(owner.subject, FilmId(film_id))
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
    studio.media.write(media.key, b"the film", content_type="video/mp4")
    shown = verified(film, media, at=studio.clock.now())
    studio.films.save(shown)
    studio.films.save(complete(shown, at=studio.clock.now()))


def test_a_title_that_cannot_be_written_is_refused_before_a_film_is_begun(studio: Studio) -> None:
    """Of a project from before cards were looked at: 422 that says why, not a film that fails."""
    owner = studio.user()
    world = FilmWorld(owner=owner.subject, clips=studio.clips, films=studio.films)
    made = world.project(world.clip(), at=studio.clock.now())
    project = replace(made, look=Look(title_card="夏休み"), version=made.version + 1)
    studio.clips.projects.save(project)
    path = f"/v1/projects/{project.project_id}"
    refused = studio.call("POST", f"{path}/films", token=owner, key="film")
    assert (refused.status, refused.body["code"]) == (422, "invalid_request")
    assert refused.body["errors"][0]["field"] == "title_card"
    assert "夏, 休, み" in refused.body["detail"]
    seen = studio.call("GET", path, token=owner)
    assert seen.body["film"] is None
    without = studio.call(
        "PATCH",
        path,
        token=owner,
        body={"title_card": None},
        headers={"If-Match": seen.headers["ETag"]},
    )
    assert without.status == 200
    assert studio.call("POST", f"{path}/films", token=owner, key="film").status == 202


def test_a_film_is_accepted_and_can_be_followed(studio: Studio) -> None:
    """202 with where to ask, then 200 with a tag, then 304 while nothing changes."""
    owner = studio.user()
    reply = ordered(studio, owner)
    assert reply.headers["Location"] == f"/v1/films/{reply.body['id']}"
    assert (reply.body["status"], reply.body["stage"]) == ("pending", "queued")

    first = studio.call("GET", reply.headers["Location"], token=owner)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = studio.call("GET", reply.headers["Location"], token=owner, headers=tag)

    assert first.headers["Retry-After"] == "5"
    assert (again.status, again.body) == (304, None)
    completed(studio, owner, reply.body["id"])
    done = studio.call("GET", reply.headers["Location"], token=owner, headers=tag)
    assert (done.status, done.body["status"], done.body["progress"]) == (200, "completed", 1.0)
    assert "Retry-After" not in done.headers
    assert None not in (done.body["poster_url"], done.body["preview_url"])


def test_the_same_key_orders_one_film(studio: Studio) -> None:
    """V2: the first answer again."""
    owner = studio.user()
    path = f"/v1/projects/{a_project(studio, owner)}/films"
    first = studio.call("POST", path, token=owner, key="once")
    second = studio.call("POST", path, token=owner, key="once")
    assert first.body == second.body
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(studio.assembly.started) == 1


def test_an_unchanged_project_is_made_into_one_film(studio: Studio) -> None:
    """Ordered again under another key or none: the same film, with when to ask while it is made."""
    owner = studio.user()
    path = f"/v1/projects/{a_project(studio, owner)}/films"
    first = studio.call("POST", path, token=owner)
    again = studio.call("POST", path, token=owner, key="another")

    assert (again.status, again.body) == (202, first.body)
    assert (again.headers["Location"], again.headers["Retry-After"]) == (
        f"/v1/films/{first.body['id']}",
        "5",
    )
    completed(studio, owner, first.body["id"])
    done = studio.call("POST", path, token=owner)
    assert (done.status, done.body["id"], done.body["status"]) == (
        202,
        first.body["id"],
        "completed",
    )
    assert "Retry-After" not in done.headers
    assert len(studio.assembly.started) == 1


def test_a_few_films_at_once_are_enough(studio: Studio) -> None:
    """429 with when to look again; the same key succeeds once there is room."""
    owner = studio.user()
    films = [ordered(studio, owner, key=str(number)).body["id"] for number in range(3)]
    path = f"/v1/projects/{a_project(studio, owner)}/films"
    refused = studio.call("POST", path, token=owner, key="later")

    assert (refused.status, refused.body["code"]) == (429, "rate_limited")
    assert refused.body["retryable"] is True
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["RateLimit"].startswith('"films";r=0;t=')
    assert refused.headers["RateLimit-Policy"] == '"films";q=3'
    assert len(studio.assembly.started) == 3
    ordered(studio, studio.user())
    completed(studio, owner, films[0])
    assert studio.call("POST", path, token=owner, key="later").status == 202


def test_an_unpaid_film_names_what_is_missing_and_the_way_back(studio: Studio) -> None:
    """PF7: 402 with the clips, the pack that would do, and a checkout that leads back here."""
    owner = studio.user()
    project = a_project(studio, owner, free=True)
    reply = studio.call("POST", f"/v1/projects/{project}/films", token=owner)

    assert (reply.status, reply.body["code"]) == (402, "payment_required")
    assert (reply.body["required"], reply.body["available"]) == (1, 0)
    assert len(reply.body["clip_ids"]) == 1
    assert reply.body["return_to"] == f"/projects/{project}"
    assert reply.body["checkout_url"].endswith(f"?return_to=%2Fprojects%2F{project}")
    assert studio.assembly.started == []


def test_a_film_is_given_out_when_it_is_done(studio: Studio) -> None:
    """Busy before, signed for an hour then."""
    owner = studio.user()
    film_id = ordered(studio, owner).body["id"]
    busy = studio.call("GET", f"/v1/films/{film_id}/download", token=owner)
    assert (busy.status, busy.body["code"]) == (409, "film_busy")

    completed(studio, owner, film_id)
    link = studio.call("GET", f"/v1/films/{film_id}/download", token=owner)

    assert studio.media.follow(link.body["url"]) == b"the film"
    assert "X-Amz-Expires=3600" in link.body["url"]


def test_a_film_with_an_unpaid_clip_is_not_given_out(studio: Studio) -> None:
    """PF7: the same 402 as for its order: what is missing, what would do, and the way back."""
    owner = studio.user()
    film_id = ordered(studio, owner).body["id"]
    completed(studio, owner, film_id)
    film = studio.films.get(owner.subject, FilmId(film_id))
    clip = studio.clips.get(owner.subject, film.shots[0].clip_id)
    studio.clips.save(ClipChange(clip=replace(clip, free=True, version=clip.version + 1)))

    reply = studio.call("GET", f"/v1/films/{film_id}/download", token=owner)

    assert (reply.status, reply.body["code"]) == (402, "payment_required")
    assert (reply.body["required"], reply.body["available"]) == (1, 0)
    assert reply.body["clip_ids"] == [clip.clip_id]
    assert reply.body["pack"]["credits"] >= reply.body["required"]
    assert reply.body["return_to"] == f"/projects/{film.project_id}"
    way_back = reply.body["checkout_url"].rpartition("?return_to=")[2]
    assert unquote(way_back) == reply.body["return_to"]


def test_a_cancelled_film_says_so(studio: Studio) -> None:
    """At once, with a text for people; twice is as good as once."""
    owner = studio.user()
    film_id = ordered(studio, owner).body["id"]
    path = f"/v1/films/{film_id}/cancellation"
    cancelled = studio.call("POST", path, token=owner, key="stop")
    again = studio.call("POST", path, token=owner, key="stop again")

    assert cancelled.status == again.status == 202
    assert cancelled.body == again.body
    assert (cancelled.body["stage"], cancelled.body["error"]["code"]) == (
        "cancelled",
        "film_cancelled",
    )


def test_guests_have_no_films(studio: Studio) -> None:
    """Films are of projects, and those need an account."""
    owner, guest = studio.user(), studio.guest()
    project = a_project(studio, owner)
    assert studio.call("POST", f"/v1/projects/{project}/films", token=guest).status == 403


def test_a_project_shows_its_newest_film(studio: Studio) -> None:
    """One GET carries what a page needs, and its tag changes as the film gets on."""
    owner = studio.user()
    project = f"/v1/projects/{a_project(studio, owner)}"
    before = studio.call("GET", project, token=owner)
    assert before.body["film"] is None
    first = studio.call("POST", f"{project}/films", token=owner).body["id"]
    studio.call("POST", f"/v1/films/{first}/cancellation", token=owner)
    film_id = studio.call("POST", f"{project}/films", token=owner).body["id"]
    assert film_id != first
    shown = studio.call("GET", project, token=owner)
    assert (shown.body["film"]["id"], shown.headers["Retry-After"]) == (film_id, "5")
    completed(studio, owner, film_id)
    done = studio.call("GET", project, token=owner)
    assert done.body["film"]["status"] == "completed"
    assert len({reply.headers["ETag"] for reply in (before, shown, done)}) == 3


def test_a_deleted_project_gives_out_no_film(studio: Studio) -> None:
    """What was deleted is not signed any more."""
    owner = studio.user()
    project = f"/v1/projects/{a_project(studio, owner)}"
    film_id = studio.call("POST", f"{project}/films", token=owner).body["id"]
    completed(studio, owner, film_id)
    studio.call("DELETE", project, token=owner, headers={"If-Match": "*"})
    assert studio.call("GET", f"/v1/films/{film_id}/download", token=owner).status == 404
