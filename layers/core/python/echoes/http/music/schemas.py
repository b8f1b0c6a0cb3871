"""Request and response models for uploaded music; see also `schemas`."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
)

from echoes.domain.music.tracks import Mood
from echoes.domain.music.uploads import (
    MAX_FILENAME_LENGTH,
    MAX_MUSIC,
    MAX_MUSIC_BYTES,
    MAX_TITLE_LENGTH,
    RIGHTS_VERSION,
    MusicFault,
)
from echoes.domain.uploads import UploadState
from echoes.http.contract.schema import Identifier, Schema, Time, Url, Whole
from echoes.http.uploads.schemas import PostForm

Title = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE_LENGTH, pattern=r"\S")]


def _ticked(confirmed: bool) -> bool:  # noqa: FBT001  # a validator's shape
    if not confirmed:
        raise ValueError("confirm that you may use this music")
    return confirmed


class BeatGrid(Schema):
    """Beats as film frames: cut there to cut on the beat."""

    frames_per_second: Annotated[int, Field(ge=1)]
    first_beat_frame: Whole
    beat_frames: Annotated[int, Field(ge=1)]
    beats_per_bar: Annotated[int, Field(ge=1)]


class MusicTrack(Schema):
    """A track for films. It loops on the beat, without a gap."""

    id: str
    title: str
    mood: Mood
    description: str
    duration_seconds: Annotated[float, Field(gt=0, strict=False)]
    tempo_bpm: Annotated[int, Field(ge=1)]
    beat_grid: BeatGrid
    loudness_lufs: float
    author: str
    licence: Annotated[str, Field(description="An SPDX identifier")]
    preview_url: Annotated[Url, Field(description="Signed; valid for an hour")]


class Music(Schema):
    """All tracks for films."""

    items: list[MusicTrack]
    next_cursor: str | None


class MusicUploadRequest(Schema):
    """The music file you are about to send, and your confirmation that you may use it."""

    title: Annotated[Title | None, Field(description="Defaults to the file name.")] = None
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
    bytes: Annotated[
        int,
        Field(ge=1, le=MAX_MUSIC_BYTES, description="The exact size; a larger file is refused."),
    ]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    rights_confirmed: Annotated[
        bool,
        AfterValidator(_ticked),
        Field(
            json_schema_extra={"const": True},
            description=(
                "The user ticked the box beside the text in `limits.music.rights` of"
                " `GET /v1/config`. We store the time and the text's version, currently"
                f" `{RIGHTS_VERSION}`."
            ),
        ),
    ]


class MusicPlace(Schema):
    """An upload slot for one track. Send the file there."""

    id: Identifier
    post: PostForm
    expires_at: Time
    state: UploadState


class MusicReason(Schema):
    """Why a file cannot be used as music."""

    code: MusicFault
    text: str


class MusicUpload(Schema):
    """An uploaded track. Once it is ready, a project can use its `id` as `music_track_id`."""

    id: Identifier
    state: UploadState
    reason: MusicReason | None
    title: str
    duration_seconds: Annotated[
        Annotated[float, Field(gt=0, strict=False)] | None,
        Field(description="Length of one loop, once the track is ready."),
    ]
    preview_url: Annotated[Url | None, Field(description="Signed; valid for an hour.")]
    created_at: Time
    expires_at: Annotated[Time, Field(description="The deadline for sending the file.")]


class MusicUploads(Schema):
    """All your music, newest first."""

    items: Annotated[list[MusicUpload], Field(max_length=MAX_MUSIC)]
    next_cursor: Annotated[None, Field(description="There is never more than one page.")]
