"""What travels over HTTP about people's own music; `schemas` beside this file has the rest."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from echoes.domain.music.uploads import (
    MAX_FILENAME_LENGTH,
    MAX_MUSIC,
    MAX_MUSIC_BYTES,
    MAX_TITLE_LENGTH,
    RIGHTS_VERSION,
    MusicFault,
)
from echoes.domain.uploads import UploadState
from echoes.http.schemas import Identifier, PostForm, Schema, Time, Url

Title = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE_LENGTH, pattern=r"\S")]


def _ticked(confirmed: bool) -> bool:  # noqa: FBT001  # a validator's shape
    if not confirmed:
        raise ValueError("say that you may use this music")
    return confirmed


class MusicUploadRequest(Schema):
    """One piece of music that is about to be sent, and the word that it may be used."""

    title: Annotated[Title | None, Field(description="Left out: the name of the file.")] = None
    filename: Annotated[str, StringConstraints(min_length=1, max_length=MAX_FILENAME_LENGTH)]
    content_type: Literal[
        "audio/flac",
        "audio/m4a",
        "audio/mp3",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/vnd.wave",
        "audio/wav",
        "audio/wave",
        "audio/x-flac",
        "audio/x-m4a",
        "audio/x-wav",
    ]
    bytes: Annotated[int, Field(ge=1, le=MAX_MUSIC_BYTES, description="Exactly; more is refused.")]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    rights_confirmed: Annotated[
        bool,
        AfterValidator(_ticked),
        Field(
            json_schema_extra={"const": True},
            description=(
                "The tick in the box beside the text that `GET /v1/config` has under "
                "`limits.music.rights`: kept with the time and the version of the text, "
                f"`{RIGHTS_VERSION}` at present."
            ),
        ),
    ]


class MusicPlace(Schema):
    """A place for one piece; send the file there."""

    id: Identifier
    post: PostForm
    expires_at: Time
    state: UploadState


class MusicReason(Schema):
    """Why a file cannot be the music of a film."""

    code: MusicFault
    text: str


class MusicUpload(Schema):
    """One piece of one's own music; a project may name its `id` as `music_track_id` when ready."""

    id: Identifier
    state: UploadState
    reason: MusicReason | None
    title: str
    duration_seconds: Annotated[
        Annotated[float, Field(gt=0, strict=False)] | None,
        Field(description="Until it begins again, once it is ready."),
    ]
    preview_url: Annotated[Url | None, Field(description="Signed; asked for again after an hour.")]
    created_at: Time
    expires_at: Annotated[Time, Field(description="Until when the file may be sent.")]


class MusicUploads(Schema):
    """All of one's own music, newest first."""

    items: Annotated[list[MusicUpload], Field(max_length=MAX_MUSIC)]
    next_cursor: Annotated[None, Field(description="There is never more than one page.")]
