"""The music catalogue and uploaded music. What is described of each route."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import (
    Audience,
    Operation,
    Success,
    Throttle,
)
from echoes.http.music.schemas import (
    Music,
    MusicPlace,
    MusicUpload,
    MusicUploadRequest,
    MusicUploads,
)
from echoes.http.response import Caching

MUSIC: Final = (
    Operation(
        method="GET",
        path="/v1/music",
        name="listMusic",
        summary="List the music for films, with previews",
        audience=Audience.ALL,
        throttle=Throttle.READING,
        function="account-api",
        caching=Caching.CATALOGUE,
        answers=(Success(status=HTTPStatus.OK, description="The tracks", schema=Music),),
    ),
)

MUSIC_UPLOADS: Final = (
    Operation(
        method="POST",
        path="/v1/music-uploads",
        name="createMusicUpload",
        summary="Get an upload slot for your music, sent straight to storage",
        audience=Audience.USERS,
        throttle=Throttle.RARE,
        function="upload-api",
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
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The slot, ready for the file",
                schema=MusicPlace,
                headers=("Location", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/music-uploads",
        name="listMusicUploads",
        summary="List your music, newest first",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="upload-api",
        answers=(Success(status=HTTPStatus.OK, description="All your music", schema=MusicUploads),),
    ),
    Operation(
        method="GET",
        path="/v1/music-uploads/{music_id}",
        name="getMusicUpload",
        summary="Get the state of an uploaded track",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="upload-api",
        answers=(Success(status=HTTPStatus.OK, description="The track", schema=MusicUpload),),
    ),
    Operation(
        method="DELETE",
        path="/v1/music-uploads/{music_id}",
        name="deleteMusicUpload",
        summary="Delete an uploaded track; finished films keep their sound",
        audience=Audience.USERS,
        throttle=Throttle.RARE,
        function="upload-api",
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(Success(status=HTTPStatus.NO_CONTENT, description="Deleted"),),
    ),
)
