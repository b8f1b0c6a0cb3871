"""
A film of one project version, from order to file.

Every function is pure: a film in, the film as it is afterwards out. A film is stored whole, and
``version`` guards against lost updates. Its content is recorded when it is ordered: later edits
of the project change the next film, not this one.

* ``status`` and ``progress`` never move backwards, and a film that has ended never changes again.
* A function asked for an outcome the film already has returns it unchanged; asked for another
  outcome it raises `FilmEnded`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from echoes.domain.assembly.loudness import Profile
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import FilmEnded
from echoes.domain.identifiers import ClipId, FilmId, OwnerId, ProjectId

RENDERED_SHARE: Final = 0.6
"""Of the progress, when everything that must be encoded is encoded."""

JOINED_SHARE: Final = 0.9
"""Of the progress, when the file is written and must be verified."""

START_GRACE: Final = timedelta(minutes=2)
"""The sweep checks a film whose execution was not seen by then."""

FILM_DEADLINE: Final = timedelta(hours=6)
"""The longest film takes minutes, and with many retries an hour or two."""

WORKERS_GONE: Final = timedelta(minutes=20)
"""No function runs longer than a quarter of an hour: then nothing writes files of this film."""


class FilmStatus(StrEnum):
    """The status of a film. Films have the same four as clips."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class FilmStage(StrEnum):
    """The detailed progress behind a status, for people who wait."""

    QUEUED = "queued"
    PLANNING = "planning"
    RENDERING = "rendering"
    JOINING = "joining"
    VERIFYING = "verifying"
    DONE = "done"
    CANCELLED = "cancelled"


STAGES: Final = tuple(FilmStage)
ENDED: Final = frozenset({FilmStatus.COMPLETED, FilmStatus.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmClip:
    """A paid clip as it was chosen for a film, and where its master is stored."""

    clip_id: ClipId
    attempt: int
    master_key: str
    sha256: str
    signature: str
    frames: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmMusic:
    """The music as it was chosen, and where it is stored in the clips bucket."""

    key: str
    sha256: str
    profile: Profile = ()
    """How loud each of its seconds is, where a part of it may be too soft or too loud."""

    beat_frames: int | None = None
    """Frames per beat, from the start of the track; unknown for uploaded music."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmMedia:
    """What was written and verified. Keys are in the clips bucket."""

    key: str
    poster_key: str
    preview_key: str
    duration_seconds: float
    frames: int
    width: int
    height: int
    bytes: int
    sha256: str
    assembly_seconds: float
    """How long joining took, reading and writing included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film, stored whole if the stored version is ``version - 1`` (0: none yet)."""

    owner_id: OwnerId
    film_id: FilmId
    project_id: ProjectId
    project_version: int
    title: str
    ratio: Ratio
    clips: tuple[FilmClip, ...]
    transition: Transition
    title_card: str | None
    music_track_id: str | None
    created_at: datetime
    updated_at: datetime
    music: FilmMusic | None = None
    status: FilmStatus = FilmStatus.PENDING
    stage: FilmStage = FilmStage.QUEUED
    progress: float = 0.0
    error_code: ErrorCode | None = None
    media: FilmMedia | None = None
    completed_at: datetime | None = None
    due_at: datetime | None
    """When the sweep checks whether it is still running; ``None`` once it has ended."""

    version: int = 1

    @property
    def ended(self) -> bool:
        """Whether it is final."""
        return self.status in ENDED

    @property
    def prefix(self) -> str:
        """Where everything of the film is stored in the clips bucket."""
        return f"{films_prefix(self.owner_id, self.project_id)}{self.film_id}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmRef:
    """Enough to find a film again: what travels through the workflow."""

    owner_id: OwnerId
    film_id: FilmId


def ref(film: Film) -> FilmRef:
    """Return the reference of *film*."""
    return FilmRef(owner_id=film.owner_id, film_id=film.film_id)


def project_prefix(owner_id: OwnerId, project_id: ProjectId) -> str:
    """Return where all files are stored that are deleted with a project."""
    return f"owners/{owner_id}/projects/{project_id}/"


def films_prefix(owner_id: OwnerId, project_id: ProjectId) -> str:
    """Return where all films of a project are stored."""
    return f"{project_prefix(owner_id, project_id)}films/"


def segments_prefix(owner_id: OwnerId, project_id: ProjectId) -> str:
    """Return where a project's encoded joints, cards and normalised clips are kept."""
    return f"{project_prefix(owner_id, project_id)}segments/"


def abandoned(film: Film, *, at: datetime) -> bool:
    """Return whether no running function can still write files of *film*."""
    return film.completed_at is not None and film.completed_at + WORKERS_GONE <= at


def due_again(film: Film, *, until: datetime, at: datetime) -> Film:
    """Return *film*, which the sweep checks again at *until*."""
    require_running(film)
    return _next_version(replace(film, due_at=until), at)


def require_running(film: Film) -> Film:
    """Return *film*. Raises `FilmEnded` if there is nothing left to do for it."""
    if film.ended:
        raise FilmEnded("the film has ended")
    return film


def progressed(film: Film, stage: FilmStage, progress: float, *, at: datetime) -> Film:
    """Return *film* in *stage*, unless it is further, with *progress*, which only ever grows."""
    require_running(film)
    further = max(film.stage, stage, key=STAGES.index)
    grown = max(film.progress, min(progress, 1.0))
    status = FilmStatus.PROCESSING
    if (further, grown, status) == (film.stage, film.progress, film.status):
        return film
    return _next_version(replace(film, status=status, stage=further, progress=grown), at)


def rendered(film: Film, share: float, *, at: datetime) -> Film:
    """Return *film* with *share* more of its segments encoded (0 to 1 in all)."""
    grown = min(RENDERED_SHARE, film.progress + share * RENDERED_SHARE)
    return progressed(film, FilmStage.RENDERING, grown, at=at)


def verified(film: Film, media: FilmMedia, *, at: datetime) -> Film:
    """Return *film* whose *media* were verified and which only needs to be completed."""
    require_running(film)
    if film.media == media:
        return film
    return _next_version(replace(film, media=media, stage=FilmStage.VERIFYING), at)


def complete(film: Film, *, at: datetime) -> Film:
    """Return *film* completed; without media it fails instead. Repeating it changes nothing."""
    if film.status is FilmStatus.COMPLETED:
        return film
    if film.media is None:
        return fail(film, ErrorCode.FILM_FAILED, at=at)
    require_running(film)
    done = replace(
        film,
        status=FilmStatus.COMPLETED,
        stage=FilmStage.DONE,
        progress=1.0,
        completed_at=at,
        due_at=None,
    )
    return _next_version(done, at)


def fail(film: Film, error_code: ErrorCode, *, at: datetime) -> Film:
    """Return *film* failed because of *error_code*. Repeating it changes nothing."""
    if film.status is FilmStatus.FAILED:
        return film
    require_running(film)
    cancelled = error_code is ErrorCode.FILM_CANCELLED
    failed = replace(
        film,
        status=FilmStatus.FAILED,
        stage=FilmStage.CANCELLED if cancelled else FilmStage.DONE,
        error_code=error_code,
        completed_at=at,
        due_at=None,
    )
    return _next_version(failed, at)


def _next_version(film: Film, at: datetime) -> Film:
    return replace(film, updated_at=at, version=film.version + 1)
