"""Request and response models for photo uploads."""

from typing import Annotated, Literal

from pydantic import (
    Field,
    StringConstraints,
)

from echoes.domain.uploads import MAX_PHOTO_BYTES, MAX_PHOTOS_PER_CALL, UploadState
from echoes.http.contract.schema import Identifier, LocalTime, Schema, Time, Url


class PhotoDescription(Schema):
    """A photo you are about to send."""

    filename: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    content_type: Literal["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"]
    bytes: Annotated[
        int, Field(ge=1, description=f"At most {MAX_PHOTO_BYTES}; a larger photo is a 413")
    ]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    taken_at: Annotated[
        LocalTime | None,
        Field(description="With the local UTC offset: titles show the local day and time."),
    ] = None


class UploadRequest(Schema):
    """The photos you are about to send."""

    photos: Annotated[list[PhotoDescription], Field(min_length=1, max_length=MAX_PHOTOS_PER_CALL)]


class PostForm(Schema):
    """The form to post the file with. Put `fields` before the file."""

    url: Url
    fields: dict[str, str]


class UploadPlace(Schema):
    """An upload slot for one photo."""

    upload_id: Identifier
    post: PostForm
    expires_at: Time


class UploadPlaces(Schema):
    """One upload slot per photo, in the order of the request."""

    uploads: list[UploadPlace]


class Upload(Schema):
    """An uploaded photo and its state."""

    upload_id: Identifier
    state: UploadState
    reason: str | None
    width: int | None
    height: int | None
    taken_at: Time | None
    placeholder: str | None
    preview_url: Url | None
    created_at: Time
    expires_at: Time
