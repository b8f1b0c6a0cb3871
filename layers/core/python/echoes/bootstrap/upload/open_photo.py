"""Wiring of the check of uploaded photos."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.adapters.video.photo_processor import PillowPhotoProcessor
from echoes.application.uploads.open_photo import OpenPhoto
from echoes.bootstrap.runtime import SystemClock, region
from echoes.settings import PhotosBucket, RecordsTable
from echoes.tasks.photos import open_arrived_photo


def build() -> Callable[[Mapping[str, object]], str | None]:
    """Return the handler of one photo upload event."""
    open_photo = OpenPhoto(
        uploads=DynamoUploads(RecordsTable.from_environ().name, connect()),
        photos=S3MediaStore(PhotosBucket.from_environ().name, s3_client(region())),
        processor=PillowPhotoProcessor(),
        clock=SystemClock(),
    )
    return partial(open_arrived_photo, open_photo=open_photo)
