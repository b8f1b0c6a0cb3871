"""Settings and the catalogue of errors. What is described of each route."""

from http import HTTPStatus
from typing import Final

from echoes.http.catalogue.schemas import Configuration, ErrorCatalogue
from echoes.http.contract.operation import (
    Audience,
    Operation,
    Success,
    Throttle,
)
from echoes.http.response import Caching

SETTINGS: Final = (
    Operation(
        method="GET",
        path="/v1/config",
        name="getConfig",
        summary="Get the settings that clients should not hard-code",
        audience=Audience.ALL,
        throttle=Throttle.READING,
        function="account-api",
        caching=Caching.CATALOGUE,
        answers=(Success(status=HTTPStatus.OK, description="The settings", schema=Configuration),),
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
            Success(status=HTTPStatus.OK, description="The catalogue", schema=ErrorCatalogue),
        ),
    ),
)
