"""Wiring of the task `Submit`."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.clips.latencies import DynamoLatencies
from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.adapters.video.photo_processor import PillowPhotoProcessor
from echoes.application.generation.submit_clip import SubmitClip
from echoes.bootstrap.runtime import SystemClock, region
from echoes.bootstrap.video_providers import VideoProviders, video_providers
from echoes.settings import ClipsBucket, PhotosBucket, PollingSettings, ProviderChoice, RecordsTable
from echoes.tasks.generation import submit
from echoes.tasks.payloads import StepResult


def build() -> Callable[[Mapping[str, object]], StepResult]:
    """Return the handler of one state machine call."""
    table, connection, s3 = RecordsTable.from_environ().name, connect(), s3_client(region())
    clips_bucket = S3MediaStore(ClipsBucket.from_environ().name, s3)
    submit_clip = SubmitClip(
        clips=DynamoClips(table, connection),
        uploads=DynamoUploads(table, connection),
        photos=S3MediaStore(PhotosBucket.from_environ().name, s3),
        processor=PillowPhotoProcessor(),
        providers=video_providers(VideoProviders.from_environ(), clips_bucket),
        fallback=ProviderChoice.from_environ().fallback,
        latencies=DynamoLatencies(table, connection),
        clock=SystemClock(),
    )
    return partial(submit, submit_clip=submit_clip, scale=PollingSettings.from_environ().scale)
