"""Projects and their batches of clips. What is described of each route."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import (
    AN_ID,
    Audience,
    Operation,
    Success,
    Throttle,
)
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
        method="GET",
        path="/v1/projects",
        name="listProjects",
        summary="List your projects, newest first",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="projects-api",
        caching=Caching.LISTED,
        conditional=True,
        paged=True,
        answers=(
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
        method="POST",
        path="/v1/projects",
        name="createProject",
        summary="Create a project",
        audience=Audience.USERS,
        throttle=Throttle.ORDERING,
        function="projects-api",
        idempotent=True,
        body=ProjectOrder,
        example={"title": "Summer at the lake", "transition": "cross_fade"},
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The new, empty project",
                schema=Project,
                headers=("ETag", "Location", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/projects/{project_id}",
        name="getProject",
        summary="Get a project with its clips and newest film",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="projects-api",
        caching=Caching.REVALIDATE,
        conditional=True,
        answers=(
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
        method="PATCH",
        path="/v1/projects/{project_id}",
        name="editProject",
        summary="Edit a project; clips left out of `clip_ids` are removed and can be added back",
        audience=Audience.USERS,
        throttle=Throttle.ORDERING,
        function="projects-api",
        editing=True,
        body=ProjectEdit,
        example={"title": "Summer", "music_track_id": None, "transition": "dip"},
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The updated project",
                schema=Project,
                headers=("ETag",),
            ),
        ),
    ),
    Operation(
        method="DELETE",
        path="/v1/projects/{project_id}",
        name="deleteProject",
        summary="Delete a project; its clips and media are deleted a day later",
        audience=Audience.USERS,
        throttle=Throttle.ORDERING,
        function="projects-api",
        editing=True,
        answers=(Success(status=HTTPStatus.NO_CONTENT, description="Deleted"),),
    ),
    Operation(
        method="POST",
        path="/v1/projects/{project_id}/clips",
        name="orderProjectClips",
        summary="Order clips from up to 50 photos, all or none",
        audience=Audience.USERS,
        throttle=Throttle.ORDERING,
        function="projects-api",
        idempotent=True,
        body=BatchOrder,
        example={"photos": [{"upload_id": AN_ID, "motion": "zoom_in"}]},
        refusals=(
            ErrorCode.INSUFFICIENT_CREDITS,
            ErrorCode.TRY_AGAIN,
            ErrorCode.PHOTO_UNREADABLE,
        ),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="One queued clip per photo, in the order of the request",
                schema=OrderedClips,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
)
