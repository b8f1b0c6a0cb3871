"""The API's description of settings and the catalogue of errors."""

from http import HTTPStatus
from typing import Final

from echoes.http.catalogue.routes import CatalogueRoutes
from echoes.http.catalogue.schemas import Configuration, ErrorCatalogue
from echoes.http.contract.operation import Operation, Success
from echoes.http.response import Caching

SETTINGS: Final = (
    Operation(
        route=CatalogueRoutes.get_config,
        summary="Get the settings that clients should not hard-code",
        caching=Caching.CATALOGUE,
        responses=(
            Success(status=HTTPStatus.OK, description="The settings", schema=Configuration),
        ),
    ),
    Operation(
        route=CatalogueRoutes.list_errors,
        summary="List every error code and its title",
        caching=Caching.CATALOGUE,
        responses=(
            Success(status=HTTPStatus.OK, description="The catalogue", schema=ErrorCatalogue),
        ),
    ),
)
