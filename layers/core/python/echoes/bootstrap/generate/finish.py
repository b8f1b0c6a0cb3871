"""Wiring of the task `Finish`."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.adapters.video.photo_processor import PyAvClipFinisher
from echoes.adapters.video.pictures import PhotoUnreadable
from echoes.adapters.video.still_motion import render_still_motion
from echoes.application.generation.finish_clip import FinishClip
from echoes.bootstrap.runtime import SystemClock, region
from echoes.bootstrap.video_providers import VideoProviders, video_providers
from echoes.settings import ClipsBucket, RecordsTable
from echoes.tasks.generation import finish
from echoes.tasks.payloads import StepResult


def build() -> Callable[[Mapping[str, object]], StepResult]:
    """Return the handler of one state machine call."""
    clips_bucket = S3MediaStore(ClipsBucket.from_environ().name, s3_client(region()))
    finish_clip = FinishClip(
        clips=DynamoClips(RecordsTable.from_environ().name, connect()),
        providers=video_providers(
            VideoProviders.from_environ(),
            clips_bucket,
            render=render_still_motion,
            unusable=(PhotoUnreadable,),
        ),
        finisher=PyAvClipFinisher(),
        media=clips_bucket,
        clock=SystemClock(),
    )
    return partial(finish, finish_clip=finish_clip)
