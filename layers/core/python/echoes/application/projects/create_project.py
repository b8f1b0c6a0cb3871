"""Use case: create a project."""

from dataclasses import dataclass

from echoes.application.ports.clock import Clock
from echoes.application.ports.projects import Projects
from echoes.application.retries import retry_on_conflict
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import OwnerId, ProjectId
from echoes.domain.projects.project import Look, Project, create


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProject:
    """Store a new project without clips."""

    projects: Projects
    clock: Clock

    def __call__(
        self, owner_id: OwnerId, project_id: ProjectId, *, title: str, look: Look
    ) -> Project:
        """Return the project; repeating the id returns it as it is now. Raises `InvalidRequest`."""

        def make() -> Project:
            try:
                return self.projects.get(owner_id, project_id)
            except NotFound:
                made = create(owner_id, project_id, title=title, look=look, at=self.clock.now())
            self.projects.save(made)
            return made

        return retry_on_conflict(make, clock=self.clock)
