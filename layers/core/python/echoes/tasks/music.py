"""Handlers of music upload events."""

from collections.abc import Mapping
from urllib.parse import unquote_plus

from echoes.application.music.open_music import OpenMusic
from echoes.observability import logger
from echoes.tasks.metrics import Metric, record_metric
from echoes.tasks.photos import ObjectCreated


def open_arrived_music(event: Mapping[str, object], *, open_music: OpenMusic) -> str | None:
    """Decide about the music of *event*; return the upload's state, ``None`` if it has none."""
    key = ObjectCreated.model_validate(event).detail.object.key
    # As for photos: our keys have no % or +.
    upload = open_music(unquote_plus(key))
    if upload is None:
        logger.warning("file without a music upload ignored")
        return None
    logger.info("music checked", music_id=upload.music_id, state=upload.state, reason=upload.fault)
    record_metric(Metric.MUSIC_DECIDED, state=upload.state)
    return upload.state
