"""Projects, and what is left of batches, in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Final

from echoes.application.ports.projects import MAX_PROJECTS_PAGE, ProjectPage, ProjectRef
from echoes.domain.errors import Conflict, NotFound
from echoes.domain.identifiers import BatchId, OwnerId, ProjectId
from echoes.domain.projects.batches import Batch, BatchRef
from echoes.domain.projects.project import Project

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class InMemoryProjects:
    """
    The ports `Projects` and `DeletedProjects`.

    To store one together with something else, call `check`, then `apply`.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._projects: dict[tuple[OwnerId, ProjectId], Project] = {}

    def get(self, owner_id: OwnerId, project_id: ProjectId) -> Project:
        """Return the project. Raises `NotFound` if there is none, or it was deleted."""
        with self._lock:
            project = self._projects.get((owner_id, project_id))
        if project is None or project.deleted_at is not None:
            raise NotFound("project not found")
        return project

    def save(self, project: Project) -> None:
        """Store *project*. Raises `Conflict`."""
        with self._lock:
            self.check(project)
            self.apply(project)

    def check(self, project: Project) -> None:
        """Raise what stands in the way of *project*, as `save` would."""
        with self._lock:
            stored = self._projects.get((project.owner_id, project.project_id))
            if (stored.version if stored else 0) != project.version - 1:
                raise Conflict("the project was written since")
            if stored is None and _position(project) in map(_position, self._of(project.owner_id)):
                raise Conflict("two projects began in the same microsecond")

    def apply(self, project: Project) -> None:
        """Store *project* without asking."""
        with self._lock:
            self._projects[project.owner_id, project.project_id] = project

    def page(self, owner_id: OwnerId, *, before: int | None, limit: int) -> ProjectPage:
        """Return up to *limit* projects older than *before*, newest first."""
        if not 1 <= limit <= MAX_PROJECTS_PAGE:
            raise ValueError(f"a page must have 1 to {MAX_PROJECTS_PAGE} projects")
        with self._lock:
            found = sorted(self._of(owner_id), key=_position, reverse=True)
        left = [each for each in found if before is None or _position(each) < before]
        shown = left[:limit]
        more = len(left) > limit
        return ProjectPage(
            projects=tuple(shown), next_before=_position(shown[-1]) if more else None
        )

    def get_deleted(self, owner_id: OwnerId, project_id: ProjectId) -> Project:
        """Return the project. Raises `NotFound` if there is none, or it was not deleted."""
        with self._lock:
            project = self._projects.get((owner_id, project_id))
        if project is None or project.deleted_at is None:
            raise NotFound("there is no such deleted project")
        return project

    def due(self, *, at: datetime, limit: int) -> Sequence[ProjectRef]:
        """Return deleted projects whose retention has passed, oldest first."""
        with self._lock:
            due = [
                (project.erase_at, project)
                for project in self._projects.values()
                if project.erase_at is not None and project.erase_at <= at
            ]
        due.sort(key=lambda pair: pair[0])
        return tuple(
            ProjectRef(owner_id=project.owner_id, project_id=project.project_id)
            for _, project in due[:limit]
        )

    def erase(self, project: Project) -> None:
        """Remove a deleted project."""
        with self._lock:
            self._projects.pop((project.owner_id, project.project_id), None)

    def owner_of(self, project_id: str) -> OwnerId | None:
        """Return whose project it is, if there is one."""
        with self._lock:
            return next((owner for owner, found in self._projects if found == project_id), None)

    def _of(self, owner_id: OwnerId) -> list[Project]:
        return [
            project
            for project in self._projects.values()
            if project.owner_id == owner_id and project.deleted_at is None
        ]


class InMemoryBatches:
    """The port `Batches`; the ledger stores one in two steps: `check`, then `apply`."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._batches: dict[tuple[OwnerId, BatchId], Batch] = {}

    def get(self, owner_id: OwnerId, batch_id: BatchId) -> Batch | None:
        """Return the batch, or ``None`` if it needed no second commit."""
        with self._lock:
            return self._batches.get((owner_id, batch_id))

    def save(self, batch: Batch) -> None:
        """Store *batch*. Raises `Conflict`."""
        with self._lock:
            self.check(batch)
            self.apply(batch)

    def check(self, batch: Batch) -> None:
        """Raise what stands in the way of *batch*, as `save` would."""
        with self._lock:
            stored = self._batches.get((batch.owner_id, batch.batch_id))
            if (stored.version if stored else 0) != batch.version - 1:
                raise Conflict("the batch was written since")

    def apply(self, batch: Batch) -> None:
        """Store *batch* without asking."""
        with self._lock:
            self._batches[batch.owner_id, batch.batch_id] = batch

    def due(self, *, at: datetime, limit: int) -> Sequence[BatchRef]:
        """Return batches that were not finished in time, oldest first."""
        with self._lock:
            due = [
                (batch.due_at, batch)
                for batch in self._batches.values()
                if batch.due_at is not None and batch.due_at <= at
            ]
        due.sort(key=lambda pair: pair[0])
        return [BatchRef(owner_id=b.owner_id, batch_id=b.batch_id) for _, b in due[:limit]]


def _position(project: Project) -> int:
    return (project.created_at - EPOCH) // timedelta(microseconds=1)
