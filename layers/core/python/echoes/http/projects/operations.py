"""The API's description of projects and their batches of clips."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import AN_ID, Operation, Success
from echoes.http.projects.routes import ProjectRoutes
from echoes.http.projects.schemas import (
    BatchOrder,
    OrderedClips,
    Project,
    ProjectEdit,
    ProjectOrder,
    Projects,
)
from echoes.http.response import Caching

PROJECTS: Final = (
    Operation(
        route=ProjectRoutes.list_projects,
        summary="List your projects, newest first",
        caching=Caching.LISTED,
        conditional=True,
        paged=True,
        responses=(
            Success(
                status=HTTPStatus.OK,
                description="One page of projects",
                schema=Projects,
                headers=("ETag",),
            ),
            Success(
                status=HTTPStatus.NOT_MODIFIED,
                description="Nothing has changed since",
                headers=("ETag",),
            ),
        ),
    ),
    Operation(
        route=ProjectRoutes.create_project,
        summary="Create a project",
        idempotent=True,
        body=ProjectOrder,
        example={"title": "Summer at the lake", "transition": "cross_fade"},
        refusals=(ErrorCode.TRY_AGAIN,),
        responses=(
            Success(
                status=HTTPStatus.CREATED,
                description="The new, empty project",
                schema=Project,
                headers=("ETag", "Location", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        route=ProjectRoutes.get_project,
        summary="Get a project with its clips and newest film",
        caching=Caching.REVALIDATE,
        conditional=True,
        responses=(
            Success(
                status=HTTPStatus.OK,
                description="The project, with `Retry-After` while a clip or film is being made",
                schema=Project,
                headers=("ETag", "Retry-After"),
            ),
            Success(
                status=HTTPStatus.NOT_MODIFIED,
                description="Nothing has changed since",
                headers=("ETag", "Retry-After"),
            ),
        ),
    ),
    Operation(
        route=ProjectRoutes.edit_project,
        summary="Edit a project; clips left out of `clip_ids` are removed and can be added back",
        editing=True,
        body=ProjectEdit,
        example={"title": "Summer", "music_track_id": None, "transition": "dip"},
        responses=(
            Success(
                status=HTTPStatus.OK,
                description="The updated project",
                schema=Project,
                headers=("ETag",),
            ),
        ),
    ),
    Operation(
        route=ProjectRoutes.delete_project,
        summary="Delete a project; its clips and media are deleted a day later",
        editing=True,
        responses=(Success(status=HTTPStatus.NO_CONTENT, description="Deleted"),),
    ),
    Operation(
        route=ProjectRoutes.order_project_clips,
        summary="Order clips from up to 50 photos, all or none",
        idempotent=True,
        body=BatchOrder,
        example={"photos": [{"upload_id": AN_ID, "motion": "zoom_in"}]},
        refusals=(
            ErrorCode.INSUFFICIENT_CREDITS,
            ErrorCode.TRY_AGAIN,
            ErrorCode.PHOTO_UNREADABLE,
        ),
        responses=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="One queued clip per photo, in the order of the request",
                schema=OrderedClips,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
)
