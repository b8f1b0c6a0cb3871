"""The API's description of the music catalogue and uploaded music."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import Operation, Success
from echoes.http.music.routes import MusicRoutes
from echoes.http.music.schemas import (
    Music,
    MusicPlace,
    MusicUpload,
    MusicUploadRequest,
    MusicUploads,
)
from echoes.http.music.uploads import MusicUploadRoutes
from echoes.http.response import Caching

MUSIC: Final = (
    Operation(
        route=MusicRoutes.list_music,
        summary="List the music for films, with previews",
        caching=Caching.CATALOGUE,
        responses=(Success(status=HTTPStatus.OK, description="The tracks", schema=Music),),
    ),
)

MUSIC_UPLOADS: Final = (
    Operation(
        route=MusicUploadRoutes.create_music_upload,
        summary="Get an upload slot for your music, sent straight to storage",
        idempotent=True,
        body=MusicUploadRequest,
        example={
            "title": "Our song",
            "filename": "our-song.mp3",
            "content_type": "audio/mpeg",
            "bytes": 4821130,
            "rights_confirmed": True,
        },
        refusals=(ErrorCode.MUSIC_LIMIT, ErrorCode.TRY_AGAIN),
        responses=(
            Success(
                status=HTTPStatus.CREATED,
                description="The slot, ready for the file",
                schema=MusicPlace,
                headers=("Location", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        route=MusicUploadRoutes.list_music_uploads,
        summary="List your music, newest first",
        responses=(
            Success(status=HTTPStatus.OK, description="All your music", schema=MusicUploads),
        ),
    ),
    Operation(
        route=MusicUploadRoutes.get_music_upload,
        summary="Get the state of an uploaded track",
        responses=(Success(status=HTTPStatus.OK, description="The track", schema=MusicUpload),),
    ),
    Operation(
        route=MusicUploadRoutes.delete_music_upload,
        summary="Delete an uploaded track; finished films keep their sound",
        refusals=(ErrorCode.TRY_AGAIN,),
        responses=(Success(status=HTTPStatus.NO_CONTENT, description="Deleted"),),
    ),
)
