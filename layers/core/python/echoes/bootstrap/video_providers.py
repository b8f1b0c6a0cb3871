"""Video providers, by the name that attempts store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from botocore.session import Session

from echoes.adapters.runway.provider import RunwayVideoProvider
from echoes.adapters.secrets_manager.secrets import Secret, secrets_client
from echoes.adapters.still_motion.provider import Render, StillMotionProvider
from echoes.application.ports.media import MediaStore
from echoes.application.ports.providers import VideoProvider
from echoes.bootstrap.runtime import region
from echoes.settings import Runway

RUNWAY: Final = "runway"
STILL_MOTION: Final = "still-motion"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoProviders:
    """How to reach each provider that has an API; still motion needs nothing."""

    runway: Runway

    @classmethod
    def from_environ(cls) -> Self:
        """Read every provider's settings; raises KeyError when a variable is missing."""
        return cls(runway=Runway.from_environ())


def video_providers(
    settings: VideoProviders,
    clips_bucket: MediaStore,
    *,
    render: Render | None = None,
    unusable: tuple[type[Exception], ...] = (),
) -> Mapping[str, VideoProvider]:
    """Return every provider; *render* where the media library is, to make still-motion's clips."""
    runway = settings.runway
    return {
        RUNWAY: RunwayVideoProvider(runway.url, _api_key(runway.secret_arn), runway.model),
        STILL_MOTION: StillMotionProvider(clips_bucket, render, unusable=unusable),
    }


def _api_key(secret_arn: str) -> Secret:
    """Return what reads a provider's key when it is needed, not at start-up."""
    return Secret(secret_arn, lambda: secrets_client(region(), Session()))
