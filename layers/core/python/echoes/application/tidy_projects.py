"""Use case: once a minute somebody looks whether a batch or a deleted project was forgotten."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from echoes.application.delete_clip import DeleteClip
from echoes.application.order_clips import OrderClips
from echoes.application.ports import Clock, MediaStore
from echoes.application.project_ports import Batches, Projects
from echoes.domain.errors import EchoesError, NotFound
from echoes.domain.film_orders import films_prefix
from echoes.domain.projects import Project

BATCH: Final = 20
"""Projects and batches of one round: fifty clips each, within the function's timeout."""


@dataclass(slots=True, kw_only=True)
class TidyReport:
    """What one round did: numbers for operators."""

    finished: int = 0
    erased: int = 0
    errors: list[str] = field(default_factory=list)
    """The names of what went wrong; the next round tries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TidyProjects:
    """Finish batches whose rest is paid for; erase projects that have been deleted for a day."""

    projects: Projects
    batches: Batches
    order_clips: OrderClips
    delete_clip: DeleteClip
    media: MediaStore
    """The clips bucket."""

    clock: Clock

    def __call__(self) -> TidyReport:
        """Do one round. The trouble of one does not keep the others waiting."""
        report, at = TidyReport(), self.clock.now()
        for which in self.batches.overdue(at=at, limit=BATCH):
            if self._try(report, partial(self.order_clips.finish, which)):
                report.finished += 1
        for project in self.projects.to_erase(at=at, limit=BATCH):
            if self._try(report, partial(self._erase, project)):
                report.erased += 1
        return report

    def _try(self, report: TidyReport, action: Callable[[], None]) -> bool:
        try:
            action()
        except EchoesError as error:
            report.errors.append(type(error).__name__)
            return False
        return True

    def _erase(self, project: Project) -> None:
        """Delete clips and films with their files, then the project: it is found until then."""
        for clip_id in project.all_clip_ids:
            with suppress(NotFound):
                self.delete_clip(project.owner_id, clip_id)
        self.media.delete(films_prefix(project.owner_id, project.project_id))
        self.projects.erase(project)
