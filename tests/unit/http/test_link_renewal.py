"""Pages that revalidate get fresh links in time, and lose no edit by it."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from echoes.application.links import LINK_LIFETIME
from echoes.domain.clips.clip import Clip
from echoes.domain.films.film import Film, FilmMedia, complete, verified
from tests.support.api_description import Reply
from tests.support.film_harness import FilmHarness
from tests.support.http_api import HttpApi

RENEWED = timedelta(minutes=30)
"""From one moment at which links are renewed to the next."""

THINGS = ("clip", "film", "project", "list of projects")


class Page:
    """A browser's page about something with links: it keeps what it was answered last."""

    def __init__(self, api: HttpApi, thing: str) -> None:
        self.api, self.user = api, api.user()
        harness = FilmHarness(
            owner=self.user.subject, clips=api.clips, films=api.films, clock=api.clock
        )
        clip = harness.clip()
        project = harness.project(clip, at=api.clock.now())
        film = harness.ordered(project)
        self._keep(clip, film)
        self.project = f"/v1/projects/{project.project_id}"
        self.address = {
            "clip": f"/v1/clips/{clip.clip_id}",
            "film": f"/v1/films/{film.film_id}",
            "project": self.project,
            "list of projects": "/v1/projects",
        }[thing]
        self.shown: Reply | None = None

    def load(self) -> int:
        """Ask as a browser does: what is stored is shown again after a 304. Return the status."""
        headers = {"If-None-Match": self.shown.headers["ETag"]} if self.shown else {}
        reply = self.api.call("GET", self.address, token=self.user, headers=headers)
        if reply.status != 304:
            self.shown = reply
        return reply.status

    def all_links_live(self) -> bool:
        """Return whether everything it shows can be fetched now."""
        assert self.shown is not None
        shown = links(self.shown.body)
        assert shown, "nothing was shown"
        return all(self.api.media.follow(url) for url in shown)

    def _keep(self, clip: Clip, film: Film) -> None:
        media, at = clip.attempt.media, self.api.clock.now()
        assert media is not None
        made = FilmMedia(
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
        for key in (media.preview_key, media.poster_key, made.poster_key, made.preview_key):
            self.api.media.write(key, b"seen", content_type="image/jpeg")
        shown = verified(film, made, at=at)
        self.api.films.save(shown)
        self.api.films.save(complete(shown, at=at))


def links(body: Any) -> list[str]:  # noqa: ANN401  # JSON
    """Return all links in *body*, however deep."""
    if isinstance(body, dict):
        return [link for value in body.values() for link in links(value)]
    if isinstance(body, list):
        return [link for value in body for link in links(value)]
    return [body] if isinstance(body, str) and body.startswith("https://media.test/") else []


@pytest.mark.parametrize("thing", THINGS)
def test_what_a_page_shows_lives_for_another_half_hour(api: HttpApi, thing: str) -> None:
    """SE4: however often it asked, and whether the last response was a 304 or a whole one."""
    statuses = set()
    for times in range(1, 15):
        page = Page(api, thing)
        for _ in range(times):
            api.clock.advance(timedelta(minutes=7))
            statuses.add(page.load())
        api.clock.advance(LINK_LIFETIME - RENEWED - timedelta(seconds=1))
        assert page.all_links_live()
    assert statuses == {200, 304}


@pytest.mark.parametrize("thing", THINGS)
def test_links_are_sent_again_only_when_they_are_renewed(api: HttpApi, thing: str) -> None:
    """AJ5 PF-C2: 304 for up to half an hour; after an hour the old tag gets a whole answer."""
    page = Page(api, thing)
    api.clock.sleep(seconds_to_renewal(api))
    assert page.load() == 200
    api.clock.advance(RENEWED - timedelta(seconds=1))
    assert page.load() == 304
    api.clock.advance(LINK_LIFETIME)
    assert not page.all_links_live()
    assert page.load() == 200
    assert page.all_links_live()


@pytest.mark.parametrize("thing", ["project", "list of projects"])
def test_what_shows_no_links_stays_unchanged(api: HttpApi, thing: str) -> None:
    """Nothing expires, so nothing is sent again."""
    user = api.user()
    made = api.call("POST", "/v1/projects", token=user, body={}, key="k")
    path = made.headers["Location"] if thing == "project" else "/v1/projects"
    seen = api.call("GET", path, token=user).headers["ETag"]
    api.clock.advance(timedelta(days=1))
    again = api.call("GET", path, token=user, headers={"If-None-Match": seen})
    assert again.status == 304


def test_renewed_links_make_no_edit_stale(api: HttpApi) -> None:
    """PF5: a page that was open for hours may still save, once, what it has seen."""
    page = Page(api, "project")
    page.load()
    assert page.shown is not None
    headers = {"If-Match": page.shown.headers["ETag"]}
    api.clock.advance(timedelta(hours=5))
    edit = partial(api.call, "PATCH", page.address, token=page.user, headers=headers)
    renamed, again = edit(body={"title": "Autumn"}), edit(body={"title": "Winter"})
    assert (renamed.status, renamed.body["title"], again.status) == (200, "Autumn", 412)


def seconds_to_renewal(api: HttpApi) -> float:
    """Return how long it takes until links are renewed."""
    whole = RENEWED.total_seconds()
    return whole - api.clock.now().timestamp() % whole
