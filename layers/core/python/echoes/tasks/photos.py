"""Handlers of photo upload events."""

from collections.abc import Mapping
from urllib.parse import unquote_plus

from pydantic import BaseModel, ConfigDict

from echoes.application.uploads.open_photo import OpenPhoto
from echoes.observability import logger
from echoes.tasks.metrics import Metric, record_metric


class ObjectRef(BaseModel):
    """The object an event is about."""

    model_config = ConfigDict(frozen=True)

    key: str


class ObjectDetail(BaseModel):
    """The detail of the event."""

    model_config = ConfigDict(frozen=True)

    object: ObjectRef


class ObjectCreated(BaseModel):
    """``Object Created`` of S3, through EventBridge."""

    model_config = ConfigDict(frozen=True)

    detail: ObjectDetail


def open_arrived_photo(event: Mapping[str, object], *, open_photo: OpenPhoto) -> str | None:
    """Decide about the photo of *event*; return the upload's state, ``None`` if it has none."""
    key = ObjectCreated.model_validate(event).detail.object.key
    # EventBridge sends keys unencoded. Decoding does no harm: our keys have no % or +.
    upload = open_photo(unquote_plus(key))
    if upload is None:
        logger.warning("file without a photo upload ignored")
        return None
    logger.info(
        "photo checked", upload_id=upload.upload_id, state=upload.state, reason=upload.reason
    )
    record_metric(Metric.PHOTO_DECIDED, state=upload.state)
    return upload.state
