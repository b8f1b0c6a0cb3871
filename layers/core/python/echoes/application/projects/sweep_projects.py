"""Use case: once a minute, finish abandoned batches and erase deleted projects."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from echoes.application.clips.delete_clip import DeleteClip
from echoes.application.films.settle_film import SettleFilm
from echoes.application.ports.clock import Clock
from echoes.application.ports.films import ProjectFilms
from echoes.application.ports.media import MediaStore
from echoes.application.ports.projects import Batches, DeletedProjects, ProjectRef
from echoes.application.projects.order_clips import OrderClips
from echoes.application.sweeps import SweepRun
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import NotFound
from echoes.domain.films.film import Film, abandoned, project_prefix, ref
from echoes.domain.projects.batches import BatchRef

BATCH: Final = 20
"""Projects and batches of one run: fifty clips each, within the function's timeout."""

FILMS: Final = 50
"""Films of one project erased in one run: a thousand take less than half an hour."""


@dataclass(slots=True, kw_only=True)
class ProjectSweep(SweepRun):
    """The results of one sweep: numbers for operators."""

    finished: int = 0
    erased: int = 0
    waiting: int = 0
    """Deleted projects with a film that may still be being written, or with more films to erase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepProjects:
    """Finish batches whose rest is paid for; erase projects a day after their deletion."""

    projects: DeletedProjects
    batches: Batches
    order_clips: OrderClips
    delete_clip: DeleteClip
    films: ProjectFilms
    settle_film: SettleFilm
    media: MediaStore
    """The clips bucket."""

    clock: Clock

    def __call__(self) -> ProjectSweep:
        """Run one sweep. One error does not stop the others."""
        report, at = ProjectSweep(), self.clock.now()
        report.run(partial(self._finish_all, report, at), about="overdue batches")
        report.run(partial(self._erase_all, report, at), about="projects to erase")
        return report

    def _finish_all(self, report: ProjectSweep, at: datetime) -> None:
        for batch in self.batches.due(at=at, limit=BATCH):
            report.run(partial(self._finish, batch, report), about=batch.batch_id)

    def _finish(self, batch: BatchRef, report: ProjectSweep) -> None:
        self.order_clips.finish(batch)
        report.finished += 1

    def _erase_all(self, report: ProjectSweep, at: datetime) -> None:
        for project in self.projects.due(at=at, limit=BATCH):
            report.run(partial(self._erase, project, report), about=project.project_id)

    def _erase(self, which: ProjectRef, report: ProjectSweep) -> None:
        """
        Delete clips, films and segments with their files; then the project, to be found until then.

        Films in progress are ended first, and their functions get time to notice: a file written
        after the others were deleted would stay for ever. Of many films the rows are deleted first,
        some in each run; all files are under the project's prefix.
        """
        try:
            project = self.projects.get_deleted(which.owner_id, which.project_id)
        except NotFound:
            return  # erased; the index lags behind
        owner_id, project_id = project.owner_id, project.project_id
        films = self.films.of_project(owner_id, project_id, limit=FILMS)
        if not self._abandoned(films):
            report.waiting += 1
            return
        if len(films) == FILMS:
            self.films.erase(owner_id, project_id, films)
            report.waiting += 1
            return
        for clip_id in project.all_clip_ids:
            with suppress(NotFound):
                self.delete_clip(owner_id, clip_id)
        self.media.delete(project_prefix(owner_id, project_id))
        self.films.erase(owner_id, project_id, films)
        self.projects.erase(project)
        report.erased += 1

    def _abandoned(self, films: Sequence[Film]) -> bool:
        for film in films:
            if not film.ended:
                self.settle_film(ref(film), failure=ErrorCode.FILM_CANCELLED)
        at = self.clock.now()
        return all(abandoned(film, at=at) for film in films)
