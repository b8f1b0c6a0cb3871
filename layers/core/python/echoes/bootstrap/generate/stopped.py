"""Wiring of settling stopped executions."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.generation.settle_clip import SettleClip
from echoes.application.generation.settle_stopped_attempt import SettleStoppedAttempt
from echoes.bootstrap.ledger import LedgerAndClips
from echoes.bootstrap.runtime import SystemClock, region
from echoes.bootstrap.video_providers import VideoProviders, video_providers
from echoes.settings import ClipsBucket
from echoes.tasks.recovery import stopped


def build() -> Callable[[Mapping[str, object]], bool]:
    """Return the handler of one execution event."""
    kept = LedgerAndClips.from_environ()
    return partial(stopped, settle_stopped=settle_stopped_attempt(kept))


def settle_stopped_attempt(kept: LedgerAndClips) -> SettleStoppedAttempt:
    """Return the use case; the sweep needs it too."""
    clips_bucket = S3MediaStore(ClipsBucket.from_environ().name, s3_client(region()))
    return SettleStoppedAttempt(
        clips=kept.clips,
        settle_clip=SettleClip(ledger=kept.ledger, clips=kept.clips, clock=SystemClock()),
        providers=video_providers(VideoProviders.from_environ(), clips_bucket),
    )
