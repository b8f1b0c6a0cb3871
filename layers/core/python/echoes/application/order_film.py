"""Use case: somebody wants the film of a project as it is now."""

from dataclasses import dataclass

from echoes.application.choose_music import ChooseMusic
from echoes.application.contention import repeat_on_conflict
from echoes.application.film_ports import AssemblyWorkflow, Films
from echoes.application.ports import Clips, Clock, Ledger
from echoes.application.project_ports import Projects
from echoes.domain.errors import NotFound
from echoes.domain.film_orders import Film, order, ref
from echoes.domain.identifiers import FilmId, OwnerId, ProjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilm:
    """Write down what the film is made of, then start the workflow. It costs nothing more."""

    projects: Projects
    clips: Clips
    films: Films
    ledger: Ledger
    choose_music: ChooseMusic
    workflow: AssemblyWorkflow
    clock: Clock

    def __call__(self, owner_id: OwnerId, project_id: ProjectId, film_id: FilmId) -> Film:
        """
        Order the film; the same film id again returns the film as it is now.

        Raises:
            NotFound: There is no such project.
            InvalidRequest, ClipBusy: Its clips, or its music, are not ready for a film.
            FilmNotPaid: Some of them were never paid for (PF7).
            Unavailable: The workflow did not start: the same order again starts it.
            Conflict: The project was written to all the time. Nothing was stored.
        """

        def find_or_add() -> Film:
            return self._find(owner_id, film_id) or self._add(owner_id, project_id, film_id)

        # Two orders of one project at once, the same or not: whoever is refused looks again.
        film = repeat_on_conflict(find_or_add, clock=self.clock)
        if not film.ended:
            self.workflow.start(ref(film))
        return film

    def _find(self, owner_id: OwnerId, film_id: FilmId) -> Film | None:
        try:
            return self.films.get(owner_id, film_id)
        except NotFound:
            return None

    def _add(self, owner_id: OwnerId, project_id: ProjectId, film_id: FilmId) -> Film:
        project = self.projects.get(owner_id, project_id)
        found = self.clips.get_many(owner_id, project.clip_ids)
        track_id = project.look.music_track_id
        film = order(
            project,
            {clip.clip_id: clip for clip in found},
            film_id=film_id,
            available=self.ledger.account(owner_id).available,
            music=None if track_id is None else self.choose_music(owner_id, track_id),
            at=self.clock.now(),
        )
        self.films.save(film)
        return film
