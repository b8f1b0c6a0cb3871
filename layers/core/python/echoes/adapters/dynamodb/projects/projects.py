"""
Projects, kept in the records table.

``OWNER#<owner>`` / ``PROJECT#<project>``, listed by ``PROJECTS#<microsecond it was made>``.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from pynamodb.attributes import ListAttribute, MapAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from echoes.adapters.dynamodb.attributes import EnumAttribute, InstantAttribute, IntAttribute
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.records import (
    DUE_PARTITIONS,
    OWNER,
    DueIndex,
    RecordItem,
    owner_key,
)
from echoes.application.ports.projects import MAX_PROJECTS_PAGE, ProjectPage, ProjectRef
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.ratios import Ratio
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import ClipId, OwnerId, ProjectId
from echoes.domain.projects.project import Arrangement, Look, Project, ProjectClip

PROJECT: Final = "PROJECT#"
LISTED: Final = "PROJECTS#"
POSITION_DIGITS: Final = 16
"""Microseconds since 1970 have sixteen digits until the year 2286, so text order is time order."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ShotMap(MapAttribute[str, Any]):
    """A `ProjectClip`."""

    clip_id: UnicodeAttribute = UnicodeAttribute()
    taken_at: InstantAttribute = InstantAttribute(null=True)
    attempt: IntAttribute = IntAttribute(null=True)


class ProjectItem(RecordItem):
    """A `Project`; due (``due_at``) from its deletion until it is erased."""

    title: UnicodeAttribute = UnicodeAttribute()
    ratio: EnumAttribute[Ratio] = EnumAttribute(Ratio, null=True)
    music_track_id: UnicodeAttribute = UnicodeAttribute(null=True)
    transition: EnumAttribute[Transition] = EnumAttribute(Transition)
    title_card: UnicodeAttribute = UnicodeAttribute(null=True)
    created_at: InstantAttribute = InstantAttribute()
    updated_at: InstantAttribute = InstantAttribute()
    shots: ListAttribute[ShotMap] = ListAttribute(of=ShotMap)
    removed: ListAttribute[ShotMap] = ListAttribute(of=ShotMap)
    order: EnumAttribute[Arrangement] = EnumAttribute(Arrangement)
    deleted_at: InstantAttribute = InstantAttribute(null=True)
    version: IntAttribute = IntAttribute()


class ListedItem(RecordItem):
    """Where a project is in its owner's list; never changed."""

    project_id: UnicodeAttribute = UnicodeAttribute()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectModels:
    """The models of a change of a project."""

    project: type[ProjectItem]
    listed: type[ListedItem]

    @classmethod
    def bind(cls, table: str, connection: Connection) -> Self:
        """Return the models bound to *table*."""
        return cls(
            project=bind(ProjectItem, table, connection),
            listed=bind(ListedItem, table, connection),
        )


def project_actions(transaction: TransactWrite, project: Project, models: ProjectModels) -> None:
    """Add *project* to *transaction*, on condition that it has not changed."""
    model = models.project
    condition: Condition = model.version == project.version - 1
    place = models.listed(
        owner_key(project.owner_id),
        f"{LISTED}{position(project):0{POSITION_DIGITS}d}",
        project_id=project.project_id,
    )
    if project.version == 1:
        condition = model.pk.does_not_exist()
        transaction.save(place, condition=models.listed.pk.does_not_exist())
    if project.deleted_at is not None:
        transaction.delete(place)
    transaction.save(_to_item(project, model), condition=condition)


def position(project: Project) -> int:
    """Return the position of *project* in its owner's list: its creation, in microseconds."""
    return (project.created_at - EPOCH) // timedelta(microseconds=1)


class DynamoProjects:
    """The ports `Projects` and `DeletedProjects`."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._connection = connection
        self._models = ProjectModels.bind(table, connection)

    def get(self, owner_id: OwnerId, project_id: ProjectId) -> Project:
        """Return the project. Raises `NotFound` if there is none, or it was deleted."""
        item = self._item(owner_id, project_id)
        if item.deleted_at is not None:
            raise NotFound("the project was deleted")
        return _from_item(item)

    def get_deleted(self, owner_id: OwnerId, project_id: ProjectId) -> Project:
        """Return the project. Raises `NotFound` if there is none, or it was not deleted."""
        item = self._item(owner_id, project_id)
        if item.deleted_at is None:
            raise NotFound("the project was not deleted")
        return _from_item(item)

    def save(self, project: Project) -> None:
        """Store *project*; see the port."""
        with translated(), TransactWrite(connection=self._connection) as transaction:
            project_actions(transaction, project, self._models)

    def page(self, owner_id: OwnerId, *, before: int | None, limit: int) -> ProjectPage:
        """Return up to *limit* projects, newest first: a query of the list, a read of the rest."""
        if not 1 <= limit <= MAX_PROJECTS_PAGE:
            raise ValueError(f"a page must have 1 to {MAX_PROJECTS_PAGE} projects")
        listed = self._models.listed
        end = f"{LISTED}{before:0{POSITION_DIGITS}d}" if before is not None else f"{LISTED}:"
        with translated():
            found = list(
                listed.query(
                    owner_key(owner_id),
                    # A colon comes after every digit. The end itself is no project any more.
                    listed.sk.between(LISTED, end),
                    consistent_read=True,
                    scan_index_forward=False,
                    limit=limit + 2,
                )
            )
            places = [item for item in found if item.sk != end]
            shown = places[:limit]
            keys = [(owner_key(owner_id), f"{PROJECT}{item.project_id}") for item in shown]
            items = self._models.project.batch_get(keys, consistent_read=True) if keys else ()
            by_key = {item.sk: item for item in items}
        # One that is deleted just now may still be listed.
        present = [by_key[key] for _, key in keys if key in by_key]
        last = int(shown[-1].sk.removeprefix(LISTED)) if len(places) > limit else None
        return ProjectPage(
            projects=tuple(_from_item(item) for item in present if item.deleted_at is None),
            next_before=last,
        )

    def due(self, *, at: datetime, limit: int) -> Sequence[ProjectRef]:
        """Return deleted projects whose retention has passed, oldest first: keys of the index."""
        model = self._models.project
        with translated():
            due = [
                item
                for part in range(DUE_PARTITIONS)
                for item in model.query(
                    f"{PROJECT}{part}",
                    model.due_at <= at,
                    index_name=DueIndex.Meta.index_name,
                    limit=limit,
                )
            ]
        due.sort(key=lambda item: item.due_at)
        return tuple(
            ProjectRef(
                owner_id=OwnerId(item.pk.removeprefix(OWNER)),
                project_id=ProjectId(item.sk.removeprefix(PROJECT)),
            )
            for item in due[:limit]
        )

    def erase(self, project: Project) -> None:
        """Remove a deleted project."""
        with translated():
            self._models.project(
                owner_key(project.owner_id), f"{PROJECT}{project.project_id}"
            ).delete()

    def _item(self, owner_id: OwnerId, project_id: ProjectId) -> ProjectItem:
        with translated():
            try:
                return self._models.project.get(
                    owner_key(owner_id), f"{PROJECT}{project_id}", consistent_read=True
                )
            except DoesNotExist as absent:
                raise NotFound("project not found") from absent


def _to_item(project: Project, model: type[ProjectItem]) -> ProjectItem:
    item = model(
        owner_key(project.owner_id),
        f"{PROJECT}{project.project_id}",
        id=project.project_id,
        title=project.title,
        ratio=project.look.ratio,
        music_track_id=project.look.music_track_id,
        transition=project.look.transition,
        title_card=project.look.title_card,
        created_at=project.created_at,
        updated_at=project.updated_at,
        shots=_to_maps(project.shots),
        removed=_to_maps(project.removed),
        order=project.order,
        deleted_at=project.deleted_at,
        version=project.version,
    )
    if project.erase_at is not None:
        item.due_partition = f"{PROJECT}{zlib.crc32(project.project_id.encode()) % DUE_PARTITIONS}"
        item.due_at = project.erase_at
    return item


def _from_item(item: ProjectItem) -> Project:
    return Project(
        owner_id=OwnerId(item.pk.removeprefix(OWNER)),
        project_id=ProjectId(item.sk.removeprefix(PROJECT)),
        title=item.title,
        look=Look(
            ratio=item.ratio,
            music_track_id=item.music_track_id,
            transition=item.transition,
            title_card=item.title_card,
        ),
        created_at=item.created_at,
        updated_at=item.updated_at,
        shots=_from_maps(item.shots),
        removed=_from_maps(item.removed),
        order=item.order,
        deleted_at=item.deleted_at,
        version=item.version,
    )


def _to_maps(shots: Iterable[ProjectClip]) -> list[ShotMap]:
    return [
        ShotMap(  # type: ignore[no-untyped-call]  # PynamoDB
            clip_id=shot.clip_id, taken_at=shot.taken_at, attempt=shot.attempt
        )
        for shot in shots
    ]


def _from_maps(maps: Iterable[ShotMap]) -> tuple[ProjectClip, ...]:
    return tuple(
        ProjectClip(clip_id=ClipId(each.clip_id), taken_at=each.taken_at, attempt=each.attempt)
        for each in maps
    )
