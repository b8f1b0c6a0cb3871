"""Photo uploads. What is described of each route."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import (
    PHOTO,
    Audience,
    Operation,
    Success,
    Throttle,
)
from echoes.http.uploads.schemas import Upload, UploadPlaces, UploadRequest

UPLOADS: Final = (
    Operation(
        method="POST",
        path="/v1/uploads",
        name="createUploads",
        summary="Get upload slots for 1 to 50 photos, sent straight to storage",
        audience=Audience.CALLERS,
        throttle=Throttle.ORDERING,
        function="upload-api",
        idempotent=True,
        body=UploadRequest,
        example={"photos": [PHOTO]},
        refusals=(ErrorCode.PHOTO_TOO_LARGE,),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="One slot per photo, in the order of the request",
                schema=UploadPlaces,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/uploads/{upload_id}",
        name="getUpload",
        summary="Get the state of an uploaded photo",
        audience=Audience.CALLERS,
        throttle=Throttle.READING,
        function="upload-api",
        answers=(Success(status=HTTPStatus.OK, description="The photo", schema=Upload),),
    ),
)
