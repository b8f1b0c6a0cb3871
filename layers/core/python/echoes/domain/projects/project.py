"""
Projects: the clips of one film in their order, and how the film is to look and sound.

Every function is pure: a project in, the project as it is afterwards out. A project is stored
whole, and ``version`` guards against lost updates: of two edits of the same version one is refused.

Until the owner arranges the clips, they are sorted by the time their photos were taken; clips
without a date follow in the order in which they were added.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from echoes.domain.assembly.lettering import MAX_TITLE_CHARACTERS, require_showable
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.attempts import ClipStatus
from echoes.domain.clips.clip import Clip
from echoes.domain.clips.ratios import Ratio
from echoes.domain.errors import InvalidRequest, StaleEdit
from echoes.domain.identifiers import ClipId, OwnerId, ProjectId

MAX_CLIPS: Final = 50
"""The number of photos one call may upload; a film of that many lasts some minutes."""

MAX_REMOVED: Final = 200
"""Removed clips that can be added back: four times as many as a project can show."""

MAX_NAME_LENGTH: Final = 120
"""Characters of a title: one line in a list, in any language."""

MAX_CARD_LENGTH: Final = MAX_TITLE_CHARACTERS
MAX_TRACK_LENGTH: Final = 64
DELETED_RETENTION: Final = timedelta(days=1)
"""How long after its deletion a project's clips and files are deleted."""


class Arrangement(StrEnum):
    """How a project's clips are ordered: by date, or by its owner."""

    DATE_TAKEN = "date_taken"
    OWN = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectClip:
    """One clip of a project. ``attempt`` is the chosen one; ``None``: the newest completed."""

    clip_id: ClipId
    taken_at: datetime | None = None
    attempt: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the film is to look and sound. ``None``: the first clip's ratio, no music, no card."""

    ratio: Ratio | None = None
    music_track_id: str | None = None
    transition: Transition = Transition.CUT
    title_card: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project, stored whole if the stored version is ``version - 1`` (0: none yet)."""

    owner_id: OwnerId
    project_id: ProjectId
    title: str
    look: Look
    created_at: datetime
    updated_at: datetime
    shots: tuple[ProjectClip, ...] = ()
    removed: tuple[ProjectClip, ...] = ()
    """Removed clips stay in the project: they can be added back, and are deleted with it."""

    order: Arrangement = Arrangement.DATE_TAKEN
    deleted_at: datetime | None = None
    version: int = 1

    @property
    def clip_ids(self) -> tuple[ClipId, ...]:
        """The clips in their order."""
        return tuple(shot.clip_id for shot in self.shots)

    @property
    def all_clip_ids(self) -> tuple[ClipId, ...]:
        """The clips, and those that were removed."""
        return tuple(shot.clip_id for shot in (*self.shots, *self.removed))

    @property
    def erase_at(self) -> datetime | None:
        """When a deleted project's clips are erased; ``None`` if it is not deleted."""
        return None if self.deleted_at is None else self.deleted_at + DELETED_RETENTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """An edit. ``None`` leaves a field as it is."""

    title: str | None = None
    look: Look | None = None
    clip_ids: tuple[ClipId, ...] | None = None
    """The clips to keep, in their new order; it may name a clip that was removed."""

    order: Arrangement | None = None
    attempts: Mapping[ClipId, int | None] | None = None
    """Which attempt of which clip is shown; ``None``: the newest completed one again."""


def create(
    owner_id: OwnerId, project_id: ProjectId, *, title: str, look: Look, at: datetime
) -> Project:
    """Return a new project without clips. Raises `InvalidRequest`."""
    _check_title(title)
    _check_look(look)
    _check_letters(look)
    return Project(
        owner_id=owner_id,
        project_id=project_id,
        title=title,
        look=look,
        created_at=at,
        updated_at=at,
    )


def require_version(project: Project, versions: Container[int] | None) -> None:
    """Raise `StaleEdit` unless the version of *project* is among *versions* (``None``: any)."""
    if versions is not None and project.version not in versions:
        raise StaleEdit("the project has changed since you read it")


def edit(project: Project, change: Edit, *, clips: Mapping[ClipId, Clip], at: datetime) -> Project:
    """
    Return *project* with *change*; the same project if that changes nothing.

    *clips* are those that the change names and the owner has.

    Raises:
        InvalidRequest: Names the field that cannot be used.
    """
    if change.title is not None:
        _check_title(change.title)
    if change.look is not None:
        _check_look(change.look)
        if change.look.title_card != project.look.title_card:
            _check_letters(change.look)
    shots, removed, order = project.shots, project.removed, project.order
    if change.clip_ids is not None:
        shots, removed = _arranged(project, change.clip_ids)
        order = Arrangement.OWN if change.clip_ids != project.clip_ids else order
    if change.order is not None:
        order = change.order
    if order is Arrangement.DATE_TAKEN:
        shots = _by_date(shots)
    if change.attempts:
        shots = _chosen(shots, change.attempts, clips)
    edited = replace(
        project,
        title=change.title if change.title is not None else project.title,
        look=change.look or project.look,
        shots=shots,
        removed=removed,
        order=order,
    )
    return project if edited == project else _touched(edited, at)


def add(
    project: Project,
    shots: Iterable[ProjectClip],
    *,
    at: datetime,
    order: Arrangement | None = None,
) -> Project:
    """
    Return *project* with *shots* added; those that it has already stay where they are.

    In the owner's arrangement they come last, by date. *order* changes the arrangement: to `OWN`,
    in which *shots* come last as listed, or to `DATE_TAKEN`. Raises `InvalidRequest` above
    `MAX_CLIPS`.
    """
    known = set(project.all_clip_ids)
    new = tuple({shot.clip_id: shot for shot in shots if shot.clip_id not in known}.values())
    if not new:
        return project
    if len(project.shots) + len(new) > MAX_CLIPS:
        raise InvalidRequest(f"a project can have at most {MAX_CLIPS} clips")
    match order or project.order:
        case Arrangement.DATE_TAKEN:
            together = _by_date((*project.shots, *new))
        case Arrangement.OWN:
            together = (*project.shots, *(new if order else _by_date(new)))
    return _touched(replace(project, shots=together, order=order or project.order), at)


def without(project: Project, clip_id: ClipId, *, at: datetime) -> Project:
    """Return *project* without a deleted clip; the same project if it does not have it."""
    if clip_id not in project.all_clip_ids:
        return project
    left = replace(
        project,
        shots=tuple(shot for shot in project.shots if shot.clip_id != clip_id),
        removed=tuple(shot for shot in project.removed if shot.clip_id != clip_id),
    )
    return _touched(left, at)


def delete(project: Project, *, at: datetime) -> Project:
    """Return *project* deleted: its owner no longer sees it."""
    return _touched(replace(project, deleted_at=at), at)


def _arranged(
    project: Project, clip_ids: Sequence[ClipId]
) -> tuple[tuple[ProjectClip, ...], tuple[ProjectClip, ...]]:
    """Return the shots of *clip_ids*, and those that are left over."""
    known = {shot.clip_id: shot for shot in (*project.shots, *project.removed)}
    if len(set(clip_ids)) != len(clip_ids):
        raise InvalidRequest("a clip can be in a project only once", field="clip_ids")
    if len(clip_ids) > MAX_CLIPS:
        raise InvalidRequest(f"a project can have at most {MAX_CLIPS} clips", field="clip_ids")
    if not known.keys() >= set(clip_ids):
        raise InvalidRequest("some of these clips are not in this project", field="clip_ids")
    left = tuple(shot for clip_id, shot in known.items() if clip_id not in set(clip_ids))
    if len(left) > MAX_REMOVED:
        raise InvalidRequest("too many removed clips; delete some of them", field="clip_ids")
    return tuple(known[clip_id] for clip_id in clip_ids), left


def _chosen(
    shots: tuple[ProjectClip, ...],
    attempts: Mapping[ClipId, int | None],
    clips: Mapping[ClipId, Clip],
) -> tuple[ProjectClip, ...]:
    for clip_id, number in attempts.items():
        if clip_id not in {shot.clip_id for shot in shots}:
            raise InvalidRequest("this clip is not in the project", field="attempts")
        clip = clips.get(clip_id)
        if number is not None and (clip is None or number not in _completed(clip)):
            raise InvalidRequest("only a completed attempt can be chosen", field="attempts")
    return tuple(
        replace(shot, attempt=attempts[shot.clip_id]) if shot.clip_id in attempts else shot
        for shot in shots
    )


def _completed(clip: Clip) -> set[int]:
    return {each.number for each in clip.attempts if each.status is ClipStatus.COMPLETED}


def _by_date(shots: Iterable[ProjectClip]) -> tuple[ProjectClip, ...]:
    """Return *shots* by date. The sort is stable: clips without a date keep their order."""
    listed = tuple(shots)
    dated = [(shot.taken_at, shot) for shot in listed if shot.taken_at is not None]
    dated.sort(key=lambda pair: pair[0])
    undated = (shot for shot in listed if shot.taken_at is None)
    return (*(shot for _, shot in dated), *undated)


def _touched(project: Project, at: datetime) -> Project:
    return replace(project, updated_at=at, version=project.version + 1)


def _check_title(title: str) -> None:
    if not title.strip() or len(title) > MAX_NAME_LENGTH:
        raise InvalidRequest(f"title must be 1 to {MAX_NAME_LENGTH} characters", field="title")


def _check_look(look: Look) -> None:
    card, track = look.title_card, look.music_track_id
    if card is not None and not (card.strip() and len(card) <= MAX_CARD_LENGTH):
        raise InvalidRequest(
            f"title_card must be 1 to {MAX_CARD_LENGTH} characters", field="title_card"
        )
    if track is not None and not 1 <= len(track) <= MAX_TRACK_LENGTH:
        raise InvalidRequest("music_track_id is not valid", field="music_track_id")


def _check_letters(look: Look) -> None:
    if look.title_card is not None:
        require_showable(look.title_card, field="title_card")
