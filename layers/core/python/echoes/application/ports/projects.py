"""The ports of projects and batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from echoes.domain.identifiers import BatchId, OwnerId, ProjectId
    from echoes.domain.projects.batches import Batch, BatchRef
    from echoes.domain.projects.project import Project

MAX_PROJECTS_PAGE: Final = 100
"""Projects of one page: the maximum of the API and of one DynamoDB read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPage:
    """Some projects, newest first; ``next_before`` continues, ``None`` ends the list."""

    projects: Sequence[Project]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRef:
    """Which project, and whose."""

    owner_id: OwnerId
    project_id: ProjectId


class Projects(Protocol):
    """Stores projects. Reads are strongly consistent."""

    def get(self, owner_id: OwnerId, project_id: ProjectId) -> Project:
        """Return the project. Raises `NotFound` if there is none, or it was deleted."""
        ...

    def save(self, project: Project) -> None:
        """
        Store *project* if the stored version is ``version - 1``; a deleted one is no longer listed.

        Raises `Conflict` if it was written since it was read, or if its owner created another one
        in the same microsecond, which is its position in lists.
        """
        ...

    def page(self, owner_id: OwnerId, *, before: int | None, limit: int) -> ProjectPage:
        """Return up to *limit* projects older than the position *before* (``None``: the newest)."""
        ...


class DeletedProjects(Protocol):
    """Deleted projects, until they are erased. Reads are strongly consistent."""

    def due(self, *, at: datetime, limit: int) -> Sequence[ProjectRef]:
        """
        Return those whose retention is over, oldest first; may lag a little.

        None of them is read, so an unreadable one does not block the others.
        """
        ...

    def get_deleted(self, owner_id: OwnerId, project_id: ProjectId) -> Project:
        """Return the project. Raises `NotFound` if there is none, or it was not deleted."""
        ...

    def erase(self, project: Project) -> None:
        """Remove a deleted project permanently. Removing it twice is fine."""
        ...


class Batches(Protocol):
    """Stores the rests of batches; the ledger writes them. Reads are strongly consistent."""

    def get(self, owner_id: OwnerId, batch_id: BatchId) -> Batch | None:
        """Return the batch, or ``None`` if it needed no second commit."""
        ...

    def save(self, batch: Batch) -> None:
        """Store *batch* if the stored version is ``version - 1``. Raises `Conflict`."""
        ...

    def due(self, *, at: datetime, limit: int) -> Sequence[BatchRef]:
        """Return batches that were not finished in time, oldest first; may lag a little."""
        ...
