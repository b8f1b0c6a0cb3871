"""Routes of stories, projects and films."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import AN_ID, Audience, Operation, Success, Throttle
from echoes.http.films.schemas import Film, FilmDownload
from echoes.http.projects.schemas import (
    BatchOrder,
    OrderedClips,
    Project,
    ProjectEdit,
    ProjectOrder,
    Projects,
)
from echoes.http.request import Caching
from echoes.http.stories.schemas import Story, StoryRequest

FILMS: Final = (
    Operation(
        method="POST",
        path="/v1/stories",
        name="planStory",
        summary="Propose a film from photos; nothing is stored or spent",
        audience=Audience.CALLERS,
        throttle=Throttle.ORDERING,
        function="projects-api",
        body=StoryRequest,
        example={"upload_ids": [AN_ID], "music_track_id": "open-windows"},
        refusals=(ErrorCode.NOT_FOUND,),
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The plan and its reasons; the same request returns the same plan",
                schema=Story,
            ),
        ),
    ),
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
    Operation(
        method="POST",
        path="/v1/projects/{project_id}/films",
        name="orderFilm",
        summary="Render the project's current film, at no extra cost",
        audience=Audience.USERS,
        throttle=Throttle.ORDERING,
        function="assemble-api",
        idempotent=True,
        refusals=(
            ErrorCode.PAYMENT_REQUIRED,
            ErrorCode.CLIP_BUSY,
            ErrorCode.INVALID_REQUEST,
            ErrorCode.TRY_AGAIN,
        ),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The queued film, or the existing one if nothing has changed",
                schema=Film,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/films/{film_id}",
        name="getFilm",
        summary="Get a film and its progress",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="status-api",
        caching=Caching.REVALIDATE,
        conditional=True,
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The film, with `Retry-After` until it has completed or failed",
                schema=Film,
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
        method="POST",
        path="/v1/films/{film_id}/cancellation",
        name="cancelFilm",
        summary="Cancel a film that is being made",
        audience=Audience.USERS,
        throttle=Throttle.ORDERING,
        function="assemble-api",
        idempotent=True,
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The film, cancelled unless it had already ended",
                schema=Film,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/films/{film_id}/download",
        name="downloadFilm",
        summary="Get a signed link to the film, valid for an hour",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="assemble-api",
        refusals=(ErrorCode.FILM_BUSY, ErrorCode.PAYMENT_REQUIRED),
        answers=(Success(status=HTTPStatus.OK, description="The link", schema=FilmDownload),),
    ),
)
