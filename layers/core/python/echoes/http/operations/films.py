"""Routes of stories, projects and films."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.exchange import Caching
from echoes.http.films.schemas import Film, FilmDownload
from echoes.http.operations.operation import AN_ID, Audience, Operation, Success
from echoes.http.projects.schemas import (
    BatchOrder,
    OrderedClips,
    Project,
    ProjectEdit,
    ProjectOrder,
    Projects,
)
from echoes.http.stories.schemas import Story, StoryRequest

FILMS: Final = (
    Operation(
        method="POST",
        path="/v1/stories",
        name="planStory",
        summary="Propose a film of the photos; nothing is stored or spent",
        audience=Audience.CALLERS,
        function="projects-api",
        body=StoryRequest,
        example={"upload_ids": [AN_ID], "music_track_id": "open-windows"},
        refusals=(ErrorCode.NOT_FOUND,),
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The plan, with its reasons; the same request gives the same",
                schema=Story,
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/projects",
        name="listProjects",
        summary="The projects, newest first",
        audience=Audience.USERS,
        function="projects-api",
        caching=Caching.LISTED,
        conditional=True,
        paged=True,
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="A page",
                schema=Projects,
                headers=("ETag",),
            ),
            Success(
                status=HTTPStatus.NOT_MODIFIED,
                description="It has not changed since",
                headers=("ETag",),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/projects",
        name="createProject",
        summary="Begin a project",
        audience=Audience.USERS,
        function="projects-api",
        idempotent=True,
        body=ProjectOrder,
        example={"title": "Summer at the lake", "transition": "cross_fade"},
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The project, empty",
                schema=Project,
                headers=("ETag", "Location", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/projects/{project_id}",
        name="getProject",
        summary="A project with everything its page needs",
        audience=Audience.USERS,
        function="projects-api",
        caching=Caching.REVALIDATE,
        conditional=True,
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The project; `Retry-After` while one of its clips is being made",
                schema=Project,
                headers=("ETag", "Retry-After"),
            ),
            Success(
                status=HTTPStatus.NOT_MODIFIED,
                description="It has not changed since",
                headers=("ETag", "Retry-After"),
            ),
        ),
    ),
    Operation(
        method="PATCH",
        path="/v1/projects/{project_id}",
        name="editProject",
        summary="Change a project; clips left out of `clip_ids` are removed, and may come back",
        audience=Audience.USERS,
        function="projects-api",
        editing=True,
        body=ProjectEdit,
        example={"title": "Summer", "music_track_id": None, "transition": "dip"},
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The project as it is now",
                schema=Project,
                headers=("ETag",),
            ),
        ),
    ),
    Operation(
        method="DELETE",
        path="/v1/projects/{project_id}",
        name="deleteProject",
        summary="Remove a project; its clips and their media go a day later",
        audience=Audience.USERS,
        function="projects-api",
        editing=True,
        answers=(Success(status=HTTPStatus.NO_CONTENT, description="It is gone"),),
    ),
    Operation(
        method="POST",
        path="/v1/projects/{project_id}/clips",
        name="orderProjectClips",
        summary="Order clips of up to 50 photos, all of them or none",
        audience=Audience.USERS,
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
                description="One clip a photo, in the order of the request, waiting",
                schema=OrderedClips,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/projects/{project_id}/films",
        name="orderFilm",
        summary="Have the film of a project as it is now, made once; it costs nothing more",
        audience=Audience.USERS,
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
                description="The film, waiting; or the newest, if it is of the project as it is",
                schema=Film,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/films/{film_id}",
        name="getFilm",
        summary="How a film is doing",
        audience=Audience.USERS,
        function="status-api",
        caching=Caching.REVALIDATE,
        conditional=True,
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The film; `Retry-After` until it is completed or failed",
                schema=Film,
                headers=("ETag", "Retry-After"),
            ),
            Success(
                status=HTTPStatus.NOT_MODIFIED,
                description="It has not changed since",
                headers=("ETag", "Retry-After"),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/films/{film_id}/cancellation",
        name="cancelFilm",
        summary="Stop assembling a film",
        audience=Audience.USERS,
        function="assemble-api",
        idempotent=True,
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The film, cancelled unless it had ended before",
                schema=Film,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/films/{film_id}/download",
        name="downloadFilm",
        summary="A signed address of the film, good for an hour",
        audience=Audience.USERS,
        function="assemble-api",
        refusals=(ErrorCode.FILM_BUSY, ErrorCode.PAYMENT_REQUIRED),
        answers=(Success(status=HTTPStatus.OK, description="The address", schema=FilmDownload),),
    ),
)
