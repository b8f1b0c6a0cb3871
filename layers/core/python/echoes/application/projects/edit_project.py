"""Use cases: edit a project, and delete it."""

from collections.abc import Container
from dataclasses import dataclass

from echoes.application.ports.clips import Clips
from echoes.application.ports.clock import Clock
from echoes.application.ports.projects import Projects
from echoes.application.retries import retry_on_conflict
from echoes.domain.identifiers import OwnerId, ProjectId
from echoes.domain.projects.project import Edit, Project, delete, edit, require_version


@dataclass(frozen=True, slots=True, kw_only=True)
class EditProject:
    """Edit a project that has not changed since it was read."""

    projects: Projects
    clips: Clips
    clock: Clock

    def find(self, owner_id: OwnerId, project_id: ProjectId) -> Project:
        """Return the project. Raises `NotFound`."""
        return self.projects.get(owner_id, project_id)

    def __call__(
        self,
        owner_id: OwnerId,
        project_id: ProjectId,
        change: Edit,
        *,
        versions: Container[int] | None,
    ) -> Project:
        """
        Return the project with *change*, if its version is among *versions* (``None``: any).

        Raises:
            NotFound: The owner has no such project.
            StaleEdit: It was changed since. Nothing was stored.
            InvalidRequest: The change cannot be made.
        """

        def change_once() -> Project:
            project = self.projects.get(owner_id, project_id)
            require_version(project, versions)
            named = tuple(change.attempts or ())
            clips = {clip.clip_id: clip for clip in self.clips.get_many(owner_id, named)}
            changed = edit(project, change, clips=clips, at=self.clock.now())
            if changed is not project:
                self.projects.save(changed)
            return changed

        return retry_on_conflict(change_once, clock=self.clock)

    def delete(
        self, owner_id: OwnerId, project_id: ProjectId, *, versions: Container[int] | None
    ) -> None:
        """
        Delete the project; its clips and their files follow a day later.

        Raises `NotFound` or `StaleEdit`, as above.
        """

        def delete_once() -> None:
            project = self.projects.get(owner_id, project_id)
            require_version(project, versions)
            self.projects.save(delete(project, at=self.clock.now()))

        retry_on_conflict(delete_once, clock=self.clock)
