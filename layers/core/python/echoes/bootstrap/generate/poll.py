"""Wiring of the task `Poll`."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.clips.latencies import DynamoLatencies
from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.generation.poll_clip import PollClip
from echoes.bootstrap.runtime import SystemClock, region
from echoes.bootstrap.video_providers import VideoProviders, video_providers
from echoes.settings import ClipsBucket, PollingSettings, RecordsTable
from echoes.tasks.generation import poll
from echoes.tasks.payloads import StepResult


def build() -> Callable[[Mapping[str, object]], StepResult]:
    """Return the handler of one state machine call."""
    table, connection = RecordsTable.from_environ().name, connect()
    clips_bucket = S3MediaStore(ClipsBucket.from_environ().name, s3_client(region()))
    poll_clip = PollClip(
        clips=DynamoClips(table, connection),
        providers=video_providers(VideoProviders.from_environ(), clips_bucket),
        latencies=DynamoLatencies(table, connection),
        clock=SystemClock(),
    )
    return partial(poll, poll_clip=poll_clip, scale=PollingSettings.from_environ().scale)
