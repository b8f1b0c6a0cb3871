"""Public settings and the catalogue of errors as the API shows them."""

from typing import Any, Final

from echoes.domain.clips.clip import (
    DURATIONS,
    MAX_PROMPT_UTF16_UNITS,
    REGENERATIONS,
    SECONDS_PER_CREDIT,
    Motion,
)
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import CATALOGUE
from echoes.domain.music import uploads as music_uploads
from echoes.domain.uploads import CONTENT_TYPES, MAX_PHOTO_BYTES, MAX_PHOTOS_PER_CALL
from echoes.http.clips.views import POLL_SECONDS
from echoes.http.pages import MAX_LIMIT
from echoes.http.problems import STATUS

API_VERSION: Final = "1.0.0"


def configuration_body(*, free_clips: bool) -> dict[str, Any]:
    """Return the settings that clients should not hard-code."""
    return {
        "poll_interval_seconds": POLL_SECONDS,
        "free_clip_available": free_clips,
        "limits": {
            "photos_per_upload": MAX_PHOTOS_PER_CALL,
            "photo_bytes": MAX_PHOTO_BYTES,
            "content_types": sorted(CONTENT_TYPES),
            "duration_seconds": {"minimum": DURATIONS.start, "maximum": DURATIONS.stop - 1},
            "prompt_length": MAX_PROMPT_UTF16_UNITS,
            "regenerations": REGENERATIONS,
            "ratios": [ratio.value for ratio in Ratio],
            "motions": [motion.value for motion in Motion],
            "page_size": MAX_LIMIT,
            "music": {
                "bytes": music_uploads.MAX_MUSIC_BYTES,
                "seconds": music_uploads.MAX_MUSIC_SECONDS,
                "pieces": music_uploads.MAX_MUSIC,
                "content_types": list(music_uploads.CONTENT_TYPES),
                "title_length": music_uploads.MAX_TITLE_LENGTH,
                "rights": {
                    "version": music_uploads.RIGHTS_VERSION,
                    "text": music_uploads.RIGHTS_TEXT,
                },
            },
        },
        "prices": {"credits": 1, "per_seconds": SECONDS_PER_CREDIT},
        "versions": {"api": API_VERSION},
    }


def errors_body() -> dict[str, Any]:
    """Return every error code, its title, and the status of its responses."""
    return {
        "items": [
            {
                "code": code.value,
                "title": text.title,
                "status": STATUS[code].value if code in STATUS else None,
                "retryable": text.retryable,
            }
            for code, text in CATALOGUE.items()
        ],
        "next_cursor": None,
    }
