"""A project as the API shows it, and its entity tags."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from echoes.application.projects.view_project import (
    AttemptView,
    Listed,
    Listing,
    ProjectView,
    ShotView,
)
from echoes.domain.projects.project import Look, Project
from echoes.http.clips.views import POLL_SECONDS, clip_body
from echoes.http.etags import etag_of, renewal
from echoes.http.films.views import film_body
from echoes.http.rejections import VersionRequired
from echoes.http.times import written, written_if_any

TAG: Final = re.compile(r'(?:W/)?"([0-9]{1,9})-[0-9a-f]+"')


def project_body(view: ProjectView, *, for_admin: bool = False) -> dict[str, Any]:
    """Return the project's fields."""
    project = view.project
    return {
        "id": project.project_id,
        "title": project.title,
        **_look(project.look),
        "order": project.order.value,
        "clip_ids": [shown.shot.clip_id for shown in view.shots],
        "removed_clip_ids": [shot.clip_id for shot in project.removed],
        "clips": [_shot(shown, for_admin=for_admin) for shown in view.shots],
        "film": film_body(view.film) if view.film else None,
        **_times(project),
    }


def listed_body(listed: Listed) -> dict[str, Any]:
    """Return the fields of a project in a list."""
    project, cover = listed.project, listed.cover
    return {
        "id": project.project_id,
        "title": project.title,
        **_look(project.look),
        "clip_count": len(project.shots),
        "poster_url": listed.poster_url,
        "placeholder": cover.placeholder if cover else None,
        **_times(project),
    }


def project_etag(view: ProjectView, *, at: datetime, for_admin: bool = False) -> str:
    """
    Return the tag of what *view* shows, whose links were signed *at*: ``"<version>-<digest>"``.

    The version alone decides whether an edit is stale; the digest changes with the clips too,
    because a page shows them, and when links are renewed: a clip that gets on, or a page that
    stays open, must not make anybody's edit stale.
    """
    seen = ((shown.view.clip.clip_id, shown.view.clip.version) for shown in view.shots)
    film = (view.film.film.film_id, view.film.film.version) if view.film else None
    links = renewal(_links(view), at=at)
    project = view.project
    digest = etag_of(project.project_id, project.version, for_admin, film, links, *seen)
    return f'"{project.version}-{digest[1:]}'


def listing_etag(listing: Listing, *, at: datetime) -> str:
    """
    Return the tag of a page whose links were signed *at*.

    It is of the versions in it, not of its links, which differ each time; it changes when those
    are renewed.
    """
    seen = (
        (each.project.project_id, each.project.version, each.cover.version if each.cover else 0)
        for each in listing.items
    )
    links = renewal((each.poster_url for each in listing.items), at=at)
    return etag_of("projects", listing.next_before, links, *seen)


def versions_of(if_match: str | None) -> frozenset[int] | None:
    """
    Return the versions named in ``If-Match``; ``None`` is any of them.

    Raises:
        VersionRequired: The header is missing: an edit must name the version it is based on.
    """
    if if_match is None:
        raise VersionRequired("send the ETag of the version you want to change as If-Match")
    listed = [tag.strip() for tag in if_match.split(",")]
    if "*" in listed:
        return None
    return frozenset(int(found[1]) for tag in listed if (found := TAG.fullmatch(tag)))


def waiting(view: ProjectView) -> Mapping[str, str]:
    """Return the header that says when to ask again, while a clip or the film is being made."""
    making = view.film is not None and not view.film.film.ended
    busy = making or any(not shown.view.clip.attempt.ended for shown in view.shots)
    return {"Retry-After": str(POLL_SECONDS)} if busy else {}


def _links(view: ProjectView) -> Iterator[str | None]:
    if view.film is not None:
        yield from (view.film.poster_url, view.film.preview_url)
    for shown in view.shots:
        for attempt in shown.attempts:
            yield from (attempt.poster_url, attempt.preview_url)


def _look(look: Look) -> dict[str, Any]:
    return {
        "ratio": look.ratio.value if look.ratio else None,
        "music_track_id": look.music_track_id,
        "transition": look.transition.value,
        "title_card": look.title_card,
    }


def _times(project: Project) -> dict[str, Any]:
    return {
        "created_at": written(project.created_at),
        "updated_at": written(project.updated_at),
        "version": project.version,
    }


def _shot(shown: ShotView, *, for_admin: bool) -> dict[str, Any]:
    return {
        **clip_body(shown.view, for_admin=for_admin),
        "taken_at": written_if_any(shown.shot.taken_at),
        "chosen_attempt": shown.shot.attempt,
        "attempts": [_attempt(shown, attempt) for attempt in shown.attempts],
    }


def _attempt(shown: ShotView, view: AttemptView) -> dict[str, Any]:
    return {
        "attempt": view.attempt.number,
        "status": view.attempt.status.value,
        "seed": shown.view.clip.seed_of(view.attempt),
        "preview_url": view.preview_url,
        "poster_url": view.poster_url,
    }
