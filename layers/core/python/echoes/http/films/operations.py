"""Films. What is described of each route."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import (
    Audience,
    Operation,
    Success,
    Throttle,
)
from echoes.http.films.schemas import Film, FilmDownload
from echoes.http.response import Caching

FILMS: Final = (
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
