"""The API's description of photo uploads."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import Operation, Success
from echoes.http.uploads.routes import UploadRoutes
from echoes.http.uploads.schemas import Upload, UploadPlaces, UploadRequest

PHOTO: Final = {"filename": "harbour.jpg", "content_type": "image/jpeg", "bytes": 482113}
UPLOADS: Final = (
    Operation(
        route=UploadRoutes.create_uploads,
        summary="Get upload slots for 1 to 50 photos, sent straight to storage",
        idempotent=True,
        body=UploadRequest,
        example={"photos": [PHOTO]},
        refusals=(ErrorCode.PHOTO_TOO_LARGE,),
        responses=(
            Success(
                status=HTTPStatus.CREATED,
                description="One slot per photo, in the order of the request",
                schema=UploadPlaces,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
    Operation(
        route=UploadRoutes.get_upload,
        summary="Get the state of an uploaded photo",
        responses=(Success(status=HTTPStatus.OK, description="The photo", schema=Upload),),
    ),
)
