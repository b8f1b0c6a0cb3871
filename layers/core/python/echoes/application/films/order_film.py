"""Use case: order the film of a project as it is now."""

from dataclasses import dataclass

from echoes.application.music.choose_music import ChooseMusic
from echoes.application.ports.clips import Clips
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.ports.films import AssemblyWorkflow, Films, FilmsInProgress
from echoes.application.ports.projects import Projects
from echoes.application.retries import retry_on_conflict
from echoes.domain.errors import NotFound
from echoes.domain.films.film import Film, ref
from echoes.domain.films.limits import admit, serves
from echoes.domain.films.order import order
from echoes.domain.identifiers import FilmId, OwnerId, ProjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilm:
    """Record what the film is made of, then start the workflow. It costs no extra credits."""

    projects: Projects
    clips: Clips
    films: Films
    films_in_progress: FilmsInProgress
    ledger: Ledger
    choose_music: ChooseMusic
    workflow: AssemblyWorkflow
    clock: Clock

    def __call__(self, owner_id: OwnerId, project_id: ProjectId, film_id: FilmId) -> Film:
        """
        Order the film; the same film id again returns the film as it is now.

        If the project's newest film has this content, or will have it, that film is returned:
        nothing is made twice. One that failed or was cancelled is made again, as *film_id*.

        Raises:
            NotFound: There is no such project.
            InvalidRequest, ClipBusy: Its clips, or its music, are not ready for a film.
            FilmNotPaid: Some of them were never paid for (PF7).
            TooManyFilms: The owner has as many active films as allowed. Nothing was stored.
            Unavailable: The workflow did not start: the same order again starts it.
            Conflict: Other orders of the owner kept coming first. Nothing was stored.
        """

        def find_or_add() -> Film:
            return self._find(owner_id, film_id) or self._add(owner_id, project_id, film_id)

        # Of two orders of one owner at once, the one that is refused looks again.
        film = retry_on_conflict(find_or_add, clock=self.clock)
        if not film.ended:
            self.workflow.start(ref(film))
        return film

    def _find(self, owner_id: OwnerId, film_id: FilmId) -> Film | None:
        try:
            return self.films.get(owner_id, film_id)
        except NotFound:
            return None

    def _add(self, owner_id: OwnerId, project_id: ProjectId, film_id: FilmId) -> Film:
        # First of all: the version shows whether another order came in between.
        active_films = self.films_in_progress.of_owner(owner_id)
        project = self.projects.get(owner_id, project_id)
        found = self.clips.get_many(owner_id, project.clip_ids)
        track_id = project.look.music_track_id
        wanted = order(
            project,
            {clip.clip_id: clip for clip in found},
            film_id=film_id,
            available=self.ledger.account(owner_id).available,
            music=None if track_id is None else self.choose_music(owner_id, track_id),
            at=self.clock.now(),
        )
        newest = self.films.newest(owner_id, project_id)
        if newest is not None and serves(newest, wanted):
            return newest
        self.films_in_progress.add(wanted, admit(active_films, wanted))
        return wanted
