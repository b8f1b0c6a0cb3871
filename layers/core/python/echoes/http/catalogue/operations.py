"""Public routes: configuration, error texts, music and guest tokens."""

from http import HTTPStatus
from typing import Final

from echoes.http.contract import schema as schemas
from echoes.http.contract.operation import Audience, Operation, Success, Throttle
from echoes.http.request import Caching

FOR_EVERYBODY: Final = (
    Operation(
        method="GET",
        path="/v1/config",
        name="getConfig",
        summary="Get the settings that clients should not hard-code",
        audience=Audience.ALL,
        throttle=Throttle.READING,
        function="account-api",
        caching=Caching.CATALOGUE,
        answers=(
            Success(status=HTTPStatus.OK, description="The settings", schema=schemas.Configuration),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/errors",
        name="listErrors",
        summary="List every error code and its title",
        audience=Audience.ALL,
        throttle=Throttle.READING,
        function="account-api",
        caching=Caching.CATALOGUE,
        answers=(
            Success(
                status=HTTPStatus.OK, description="The catalogue", schema=schemas.ErrorCatalogue
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/music",
        name="listMusic",
        summary="List the music for films, with previews",
        audience=Audience.ALL,
        throttle=Throttle.READING,
        function="account-api",
        caching=Caching.CATALOGUE,
        answers=(Success(status=HTTPStatus.OK, description="The tracks", schema=schemas.Music),),
    ),
    Operation(
        method="POST",
        path="/v1/guests",
        name="createGuest",
        summary="Get a guest token for one free clip, without an account",
        audience=Audience.ALL,
        throttle=Throttle.RARE,
        function="account-api",
        idempotent=True,
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The token, valid for 24 hours",
                schema=schemas.Guest,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
)
