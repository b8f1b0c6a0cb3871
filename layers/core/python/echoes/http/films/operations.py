"""The API's description of films."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import Operation, Success
from echoes.http.films.routes import FilmRoutes
from echoes.http.films.schemas import Film, FilmDownload
from echoes.http.films.status import FilmStatusRoutes
from echoes.http.response import Caching

FILMS: Final = (
    Operation(
        route=FilmRoutes.order_film,
        summary="Render the project's current film, at no extra cost",
        idempotent=True,
        refusals=(
            ErrorCode.PAYMENT_REQUIRED,
            ErrorCode.CLIP_BUSY,
            ErrorCode.INVALID_REQUEST,
            ErrorCode.TRY_AGAIN,
        ),
        responses=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The queued film, or the existing one if nothing has changed",
                schema=Film,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        route=FilmStatusRoutes.get_film,
        summary="Get a film and its progress",
        caching=Caching.REVALIDATE,
        conditional=True,
        responses=(
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
        route=FilmRoutes.cancel_film,
        summary="Cancel a film that is being made",
        idempotent=True,
        refusals=(ErrorCode.TRY_AGAIN,),
        responses=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The film, cancelled unless it had already ended",
                schema=Film,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        route=FilmRoutes.download_film,
        summary="Get a signed link to the film, valid for an hour",
        refusals=(ErrorCode.FILM_BUSY, ErrorCode.PAYMENT_REQUIRED),
        responses=(Success(status=HTTPStatus.OK, description="The link", schema=FilmDownload),),
    ),
)
