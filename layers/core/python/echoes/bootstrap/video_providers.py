"""Video providers, by the name that attempts store."""

from collections.abc import Mapping
from typing import Final

from aws_lambda_powertools.utilities import parameters

from echoes.adapters.runway.provider import RunwayVideoProvider
from echoes.adapters.still_motion.provider import Render, StillMotionProvider
from echoes.application.ports.media import MediaStore
from echoes.application.ports.providers import VideoProvider
from echoes.settings import Runway

RUNWAY: Final = "runway"
STILL_MOTION: Final = "still-motion"
KEY_LIFETIME_SECONDS: Final = 300
"""A rotated key is in use everywhere five minutes later."""


def video_providers(
    runway: Runway,
    clips_bucket: MediaStore,
    *,
    render: Render | None = None,
    unusable: tuple[type[Exception], ...] = (),
) -> Mapping[str, VideoProvider]:
    """Return every provider; *render* where the media library is, to make still-motion's clips."""

    def api_key() -> str:
        return str(parameters.get_secret(runway.secret_arn, max_age=KEY_LIFETIME_SECONDS))

    return {
        RUNWAY: RunwayVideoProvider(runway.url, api_key, runway.model),
        STILL_MOTION: StillMotionProvider(clips_bucket, render, unusable=unusable),
    }
