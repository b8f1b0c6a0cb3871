"""Projects: create, view, edit, delete, and order clips from many photos."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from echoes.application.clips.order_clip import ClipRequest
from echoes.application.projects.create_project import CreateProject
from echoes.application.projects.edit_project import EditProject
from echoes.application.projects.order_clips import BatchRequest, OrderClips
from echoes.application.projects.view_project import ProjectView, ViewProject
from echoes.domain.clips.quotes import Quote
from echoes.domain.identifiers import BatchId, ClipId, OwnerId, ProjectId, UploadId, derive_id
from echoes.domain.projects.project import Edit, Look, Project
from echoes.http.admin_access import AuditedReads
from echoes.http.clips.quotes import QuoteSeals
from echoes.http.clips.views import POLL_SECONDS, accepted_body
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.etags import matches
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Audience, require_caller
from echoes.http.pages import Cursors, limit_of
from echoes.http.parsing import read_body
from echoes.http.projects.views import (
    listed_body,
    listing_etag,
    project_body,
    project_etag,
    versions_of,
    waiting,
)
from echoes.http.request import Request
from echoes.http.response import Caching, Response

if TYPE_CHECKING:
    from echoes.http.projects.schemas import BatchOrder, PhotoOrder, ProjectEdit


LOOK = ("ratio", "music_track_id", "transition", "title_card")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRoutes(Routes):
    """The routes under ``/v1/projects``, except a project's films."""

    create: CreateProject
    edit: EditProject
    view: ViewProject
    order_clips: OrderClips
    reads: AuditedReads
    idempotency: Idempotency
    cursors: Cursors
    seals: QuoteSeals

    @route("GET", "/v1/projects", Audience.USERS, Throttle.READING, function="projects-api")
    def list_projects(self, request: Request) -> Response:
        """Return a page of the caller's projects, newest first."""
        owner, limit = require_caller(request.caller).subject, limit_of(request.query)
        before = self.cursors.open(request.query.get("cursor"), owner_id=owner, route=request.route)
        at, listing = self.reads.clock.now(), self.view.list(owner, before=before, limit=limit)
        etag, position = listing_etag(listing, at=at), listing.next_before
        next_cursor = (
            None
            if position is None
            else self.cursors.seal(position, owner_id=owner, route=request.route)
        )
        body = {"items": [listed_body(each) for each in listing.items], "next_cursor": next_cursor}
        return _revalidated(request, body, etag=etag, headers={}, caching=Caching.LISTED)

    @route("POST", "/v1/projects", Audience.USERS, Throttle.ORDERING, function="projects-api")
    def create_project(self, request: Request) -> Response:
        """Create an empty project."""
        from echoes.http.projects.schemas import ProjectOrder

        owner = require_caller(request.caller).subject
        wanted = read_body(request, ProjectOrder)
        project_id = ProjectId(derive_id(owner, "project", request.idempotency_key))

        def act() -> dict[str, Any]:
            look = Look(**{name: getattr(wanted, name) for name in LOOK})
            made = self.create(owner, project_id, title=wanted.title, look=look)
            etag = project_etag(_empty(made), at=self.reads.clock.now())
            return {"etag": etag, "body": project_body(_empty(made))}

        payload = wanted.model_dump(mode="json", exclude_unset=True)
        kept = self.idempotency.once(request, payload=payload, act=act)
        headers = {
            "ETag": kept.record["etag"],
            "Location": f"/v1/projects/{kept.record['body']['id']}",
            **kept.headers,
        }
        return Response(status=HTTPStatus.CREATED, body=kept.record["body"], headers=headers)

    @route(
        "GET",
        "/v1/projects/{project_id}",
        Audience.USERS,
        Throttle.READING,
        function="projects-api",
    )
    def get_project(self, request: Request) -> Response:
        """Return a project with its clips and newest film, or that nothing has changed."""
        caller = require_caller(request.caller)
        project_id, at = ProjectId(request.resource("project_id")), self.reads.clock.now()
        view = self.reads.find(request, project_id, lambda owner: self.view(owner, project_id))
        return _revalidated(
            request,
            project_body(view, for_admin=caller.is_admin),
            etag=project_etag(view, at=at, for_admin=caller.is_admin),
            headers=waiting(view),
            caching=Caching.REVALIDATE,
        )

    @route(
        "PATCH",
        "/v1/projects/{project_id}",
        Audience.USERS,
        Throttle.ORDERING,
        function="projects-api",
    )
    def edit_project(self, request: Request) -> Response:
        """Change a project, unless it changed since the version in ``If-Match``."""
        from echoes.http.projects.schemas import ProjectEdit

        owner, project = self._owned_project(request)
        versions = versions_of(request.headers.get("if-match"))
        change = _edit(read_body(request, ProjectEdit), project)
        changed = self.edit(owner, project.project_id, change, versions=versions)
        at, view = self.reads.clock.now(), self.view.show(changed)
        return Response(body=project_body(view), headers={"ETag": project_etag(view, at=at)})

    @route(
        "DELETE",
        "/v1/projects/{project_id}",
        Audience.USERS,
        Throttle.ORDERING,
        function="projects-api",
    )
    def delete_project(self, request: Request) -> Response:
        """Delete a project, unless it changed since the version in ``If-Match``."""
        owner, project = self._owned_project(request)
        versions = versions_of(request.headers.get("if-match"))
        self.edit.delete(owner, project.project_id, versions=versions)
        return Response(status=HTTPStatus.NO_CONTENT, body=None)

    @route(
        "POST",
        "/v1/projects/{project_id}/clips",
        Audience.USERS,
        Throttle.ORDERING,
        function="projects-api",
    )
    def order_project_clips(self, request: Request) -> Response:
        """Accept orders for clips from many photos, all or none."""
        from echoes.http.projects.schemas import BatchOrder

        owner, project = self._owned_project(request)
        wanted = read_body(request, BatchOrder)
        quote = None if wanted.quote is None else self.seals.open(wanted.quote, owner_id=owner)
        batch_request = _batch(
            owner, project.project_id, wanted, key=request.idempotency_key, quote=quote
        )

        def act() -> dict[str, Any]:
            clips = self.order_clips(batch_request)
            return {
                "items": [accepted_body(clip) for clip in clips],
                "credits": sum(clip.attempt.credits for clip in clips),
            }

        payload = wanted.model_dump(mode="json", exclude_unset=True)
        kept = self.idempotency.once(request, payload=payload, act=act)
        headers = {
            "Location": f"/v1/projects/{project.project_id}",
            "Retry-After": str(POLL_SECONDS),
            **kept.headers,
        }
        return Response(status=HTTPStatus.ACCEPTED, body=kept.record, headers=headers)

    def _owned_project(self, request: Request) -> tuple[OwnerId, Project]:
        """Return the caller and their project. Raises `NotFound` before anything else."""
        owner = require_caller(request.caller).subject
        return owner, self.edit.find(owner, ProjectId(request.resource("project_id")))


def _revalidated(
    request: Request,
    body: dict[str, Any],
    *,
    etag: str,
    headers: Any,  # noqa: ANN401  # a mapping of headers
    caching: Caching,
) -> Response:
    unchanged = matches(request.headers.get("if-none-match"), etag)
    return Response(
        status=HTTPStatus.NOT_MODIFIED if unchanged else HTTPStatus.OK,
        body=None if unchanged else body,
        headers={"ETag": etag, **headers},
        caching=caching,
    )


def _empty(project: Project) -> ProjectView:
    return ProjectView(project=project, shots=())


def _edit(wanted: ProjectEdit, project: Project) -> Edit:
    """Return the change; of the look what was sent, and the rest as it was when it was read."""
    sent = {name: getattr(wanted, name) for name in LOOK if name in wanted.model_fields_set}
    if sent.get("transition", ...) is None:
        del sent["transition"]
    return Edit(
        title=wanted.title,
        look=replace(project.look, **sent) if sent else None,
        clip_ids=None if wanted.clip_ids is None else tuple(map(ClipId, wanted.clip_ids)),
        order=wanted.order,
        attempts=(
            None
            if wanted.attempts is None
            else {ClipId(clip_id): number for clip_id, number in wanted.attempts.items()}
        ),
    )


def _batch(
    owner: OwnerId,
    project_id: ProjectId,
    wanted: BatchOrder,
    *,
    key: str | None,
    quote: Quote | None,
) -> BatchRequest:
    """Return the order. Its id is derived from the key, and its clips' ids from that."""
    batch_id = BatchId(derive_id(owner, f"batch/{project_id}", key))
    return BatchRequest(
        owner_id=owner,
        batch_id=batch_id,
        project_id=project_id,
        photos=tuple(
            _photo(owner, project_id, photo, position=f"{batch_id}/{number}", quote=quote)
            for number, photo in enumerate(wanted.photos)
        ),
        order=wanted.order,
    )


def _photo(
    owner: OwnerId,
    project_id: ProjectId,
    photo: PhotoOrder,
    *,
    position: str,
    quote: Quote | None,
) -> ClipRequest:
    return ClipRequest(
        owner_id=owner,
        clip_id=ClipId(derive_id(owner, "batch-clip", position)),
        upload_id=UploadId(photo.upload_id),
        project_id=project_id,
        motion=photo.motion,
        prompt=photo.prompt,
        duration_seconds=photo.duration_seconds,
        ratio=photo.ratio,
        seed=photo.seed,
        quote=quote,
    )
