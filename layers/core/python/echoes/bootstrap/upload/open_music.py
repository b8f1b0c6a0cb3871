"""Wiring of the check of uploaded music."""

from collections.abc import Callable, Mapping
from functools import partial

from botocore.session import Session

from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.music_uploads import DynamoMusicUploads
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.adapters.s3.ranges import S3RangedMedia
from echoes.adapters.video.music.processor import PyAvMusicProcessor
from echoes.application.music.open_music import OpenMusic
from echoes.bootstrap.runtime import SystemClock, region
from echoes.settings import ClipsBucket, PhotosBucket, RecordsTable
from echoes.tasks.music import open_arrived_music


def build() -> Callable[[Mapping[str, object]], str | None]:
    """Return the handler of one music upload event."""
    client, photos = s3_client(region(), Session()), PhotosBucket.from_environ().name
    open_music = OpenMusic(
        music=DynamoMusicUploads(RecordsTable.from_environ().name, connect()),
        files=S3RangedMedia(photos, client),
        arrivals=S3MediaStore(photos, client),
        media=S3MediaStore(ClipsBucket.from_environ().name, client),
        processor=PyAvMusicProcessor(),
        clock=SystemClock(),
    )
    return partial(open_arrived_music, open_music=open_music)
