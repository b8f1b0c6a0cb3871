"""
Uploaded music: a slot for a file, and its state.

``waiting`` → ``ready`` | ``rejected``; an unused slot becomes ``expired``. Users confirm that they
may use the music when they request a slot; we store the time and the version of the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePath
from types import MappingProxyType
from typing import Final

from echoes.domain.assembly.loudness import MAX_SECONDS, Profile
from echoes.domain.errors import InvalidRequest, TooMuchMusic
from echoes.domain.identifiers import MusicUploadId, OwnerId
from echoes.domain.uploads import UploadState, slot_state

MAX_MUSIC_BYTES: Final = 64 * 1024 * 1024
"""Six minutes in CD quality, half an hour as mp3: what fits on the function's disk."""

MAX_MUSIC_SECONDS: Final = MAX_SECONDS
"""As long as the longest film; a shorter track is repeated."""

MAX_MUSIC: Final = 20
"""Tracks that one user can keep. They all fit in one response, and a gigabyte holds any such
library even before it is prepared."""

MUSIC_UPLOAD_LIFETIME: Final = timedelta(minutes=30)
"""How long the presigned POST may be used: 64 MB take a slow phone a while."""

RETENTION_AFTER_EXPIRY: Final = timedelta(days=1)
"""How long an unused slot can still be read before its row is removed."""

RETENTION_OF_REJECTED: Final = timedelta(days=7)
MAX_TITLE_LENGTH: Final = 120
"""Characters: one line in a list, in any language."""

MAX_FILENAME_LENGTH: Final = 255
UNTITLED: Final = "My music"

CONTENT_TYPES: Final = (
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
)
"""What browsers call the five kinds of file we open. The file itself is what counts."""

RIGHTS_VERSION: Final = "2026-11"
"""Change it whenever the text below changes."""

RIGHTS_TEXT: Final = (
    "I made this music, or have the permission to use it in my films and to show them to others."
)


class MusicFault(StrEnum):
    """Why a file cannot be used as music."""

    EMPTY = "empty"
    TRUNCATED = "truncated"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    UNSUPPORTED_FORMAT = "unsupported_format"
    UNSUPPORTED_CODEC = "unsupported_codec"
    VIDEO = "video"
    NO_SOUND = "no_sound"
    CORRUPT = "corrupt"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_SLOW = "too_slow"
    SILENT = "silent"


FAULT_TEXTS: Final = MappingProxyType(
    {
        MusicFault.EMPTY: "This file is empty",
        MusicFault.TRUNCATED: "Part of this file is missing. Please upload it again",
        MusicFault.CHECKSUM_MISMATCH: "This file was damaged during the upload. Please try again",
        MusicFault.UNSUPPORTED_FORMAT: "We can't read this file. Try MP3, M4A, WAV, FLAC or OGG",
        MusicFault.UNSUPPORTED_CODEC: "We can't read the sound of this file. Try saving it as MP3",
        MusicFault.VIDEO: "This is a video. Please upload just the music",
        MusicFault.NO_SOUND: "There is no sound in this file",
        MusicFault.CORRUPT: "This file is damaged. Try saving it again",
        MusicFault.TOO_SHORT: "This music is too short. It needs at least two seconds",
        MusicFault.TOO_LONG: "This music is too long. We can take up to fifteen minutes",
        MusicFault.TOO_SLOW: "Reading this file took too long. Try saving it as MP3",
        MusicFault.SILENT: "We couldn't hear anything in this file",
    }
)
"""Every fault has a text for people; a test checks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicRequest:
    """What a client declares about a file before it uploads it."""

    filename: str
    content_type: str
    bytes: int
    rights_confirmed: bool
    title: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The user's confirmation that they may use the music: its time and text version."""

    confirmed_at: datetime
    version: str = RIGHTS_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTrack:
    """The prepared track: it can be joined to a film as it is."""

    sha256: str
    bytes: int
    duration_seconds: float
    """Length of one loop."""

    profile: Profile = ()
    """How loud each of its seconds is: films of any part of it are brought to one loudness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicUpload:
    """One track of one owner. ``version`` counts writes and guards against lost updates."""

    owner_id: OwnerId
    music_id: MusicUploadId
    title: str
    content_type: str
    declared_bytes: int
    rights: Rights
    created_at: datetime
    expires_at: datetime
    declared_sha256: str | None = None
    state: UploadState = UploadState.WAITING
    fault: MusicFault | None = None
    track: OwnTrack | None = None
    version: int = 1

    @property
    def original_folder(self) -> str:
        """Where the file arrives in the photos bucket; all files there are deleted within a day."""
        return f"incoming/owners/{self.owner_id}/music/{self.music_id}/"

    @property
    def original_key(self) -> str:
        """Where the client uploads the file; only Echoes reads it."""
        return f"{self.original_folder}source"

    @property
    def folder(self) -> str:
        """Where the prepared track is stored, in the clips bucket."""
        return music_folder(self.owner_id, self.music_id)

    def key_of(self, track: OwnTrack) -> str:
        """Return where *track* is stored in the clips bucket; each content has its own key."""
        return f"{self.folder}{track.sha256[:16]}.m4a"

    @property
    def forget_at(self) -> datetime | None:
        """When the row is removed; never while there is music."""
        match self.state:
            case UploadState.READY:
                return None
            case UploadState.REJECTED:
                return self.created_at + RETENTION_OF_REJECTED
            case _:
                return self.expires_at + RETENTION_AFTER_EXPIRY

    def state_at(self, at: datetime) -> UploadState:
        """Return the state as seen at *at*: a waiting upload expires by itself."""
        return slot_state(self.state, expires_at=self.expires_at, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All music of one owner. ``version`` counts all additions."""

    pieces: Sequence[MusicUpload] = ()
    version: int = 0


def music_folder(owner_id: OwnerId, music_id: MusicUploadId) -> str:
    """Return where a prepared track is stored in the clips bucket."""
    return f"owners/{owner_id}/music/{music_id}/"


def locate(original_key: str) -> tuple[OwnerId, MusicUploadId] | None:
    """Return the owner and id of the music at *original_key*; ``None`` for any other key."""
    match original_key.split("/"):
        case ["incoming", "owners", owner, "music", music, "source"] if owner and music:
            return OwnerId(owner), MusicUploadId(music)
        case _:
            return None


def promise_music(
    wanted: MusicRequest, *, owner_id: OwnerId, music_id: MusicUploadId, at: datetime
) -> MusicUpload:
    """Return a slot for one track. Raises `InvalidRequest`, which names the field."""
    if not wanted.rights_confirmed:
        raise InvalidRequest(
            "confirm that you may use this music: rights_confirmed must be true",
            field="rights_confirmed",
        )
    if wanted.content_type not in CONTENT_TYPES:
        raise InvalidRequest(
            f"content_type must be one of {', '.join(CONTENT_TYPES)}", field="content_type"
        )
    if not 1 <= wanted.bytes <= MAX_MUSIC_BYTES:
        raise InvalidRequest(f"bytes must be 1 to {MAX_MUSIC_BYTES}", field="bytes")
    return MusicUpload(
        owner_id=owner_id,
        music_id=music_id,
        title=_title(wanted),
        content_type=wanted.content_type,
        declared_bytes=wanted.bytes,
        declared_sha256=wanted.sha256,
        rights=Rights(confirmed_at=at),
        created_at=at,
        expires_at=at + MUSIC_UPLOAD_LIFETIME,
    )


def make_room(library: Library, *, at: datetime) -> list[MusicUpload]:
    """
    Return the pieces to remove before one more fits: rejected or expired ones, oldest first.

    Raises `TooMuchMusic` if every piece is music, or may still become music.
    """
    too_many = len(library.pieces) + 1 - MAX_MUSIC
    if too_many <= 0:
        return []
    nothing = {UploadState.REJECTED, UploadState.EXPIRED}
    idle = sorted(
        (piece for piece in library.pieces if piece.state_at(at) in nothing),
        key=lambda piece: piece.created_at,
    )
    if len(idle) < too_many:
        raise TooMuchMusic(f"you can keep {MAX_MUSIC} tracks; delete one to add another")
    return idle[:too_many]


def accept(upload: MusicUpload, track: OwnTrack) -> MusicUpload:
    """Return *upload* ready; unchanged when it was decided before, whatever the decision."""
    if upload.state is not UploadState.WAITING:
        return upload
    return replace(upload, state=UploadState.READY, track=track, version=upload.version + 1)


def reject(upload: MusicUpload, fault: MusicFault) -> MusicUpload:
    """Return *upload* rejected because of *fault*; unchanged when it was decided before."""
    if upload.state is not UploadState.WAITING:
        return upload
    return replace(upload, state=UploadState.REJECTED, fault=fault, version=upload.version + 1)


def _title(wanted: MusicRequest) -> str:
    """Return the track's title: the user's, or else the file name."""
    title = wanted.title
    if title is not None:
        if not title.strip() or len(title) > MAX_TITLE_LENGTH:
            raise InvalidRequest(f"title must be 1 to {MAX_TITLE_LENGTH} characters", field="title")
        return title
    stem = PurePath(wanted.filename.replace("\\", "/")).stem
    readable = "".join(letter for letter in stem if letter.isprintable()).strip()
    return readable[:MAX_TITLE_LENGTH].strip() or UNTITLED
