"""Films kept in memory, their workflow, and a studio without pictures."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from threading import Lock

from echoes.application.film_ports import Missing
from echoes.domain.errors import Conflict, NotFound, Unavailable
from echoes.domain.film_orders import Film, FilmMedia, FilmRef
from echoes.domain.identifiers import FilmId, OwnerId, ProjectId


class InMemoryFilms:
    """The port `Films`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._films: dict[tuple[OwnerId, FilmId], Film] = {}
        self._newest: dict[tuple[OwnerId, ProjectId], FilmId] = {}

    def get(self, owner_id: OwnerId, film_id: FilmId) -> Film:
        """Return the film. Raises `NotFound`."""
        with self._lock:
            film = self._films.get((owner_id, film_id))
        if film is None:
            raise NotFound("there is no such film")
        return film

    def newest(self, owner_id: OwnerId, project_id: ProjectId) -> Film | None:
        """Return the project's film that was ordered last, if there is one."""
        with self._lock:
            film_id = self._newest.get((owner_id, project_id))
            return self._films[owner_id, film_id] if film_id else None

    def save(self, film: Film) -> None:
        """Store *film*. Raises `Conflict`."""
        with self._lock:
            stored = self._films.get((film.owner_id, film.film_id))
            if (stored.version if stored else 0) != film.version - 1:
                raise Conflict("the film was written since")
            self._films[film.owner_id, film.film_id] = film
            if stored is None:
                self._newest[film.owner_id, film.project_id] = film.film_id

    def owner_of(self, film_id: str) -> OwnerId | None:
        """Return whose film it is, if there is one."""
        with self._lock:
            return next((owner for owner, found in self._films if found == film_id), None)


class InMemoryAssemblyWorkflow:
    """The port `AssemblyWorkflow`; ``started`` holds each film once, in the order they began."""

    def __init__(self) -> None:
        self.started: list[FilmRef] = []
        self.unavailable = False

    def start(self, film: FilmRef) -> None:
        """Begin; a no-op if it was begun before."""
        if self.unavailable:
            raise Unavailable("the workflow could not answer")
        if film not in self.started:
            self.started.append(film)


class PlainFilmStudio:
    """The port `FilmStudio`: every shot but the first needs a piece, and a film is its words."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.error: Exception | None = None

    def missing(self, film: Film) -> Missing:
        """Return the pieces nobody made yet."""
        wanted = [f"joint-{shot.clip_id}" for shot in film.shots[1:]]
        missing = [piece for piece in wanted if piece not in self.made]
        return Missing(pieces=missing, total=len(wanted))

    def make(self, film: Film, pieces: Sequence[str]) -> None:
        """Remember *pieces*."""
        del film
        if self.error is not None:
            raise self.error
        self.made += pieces

    def assemble(self, film: Film, *, heard: Callable[[float], None]) -> FilmMedia:
        """Return what a film of these shots would be like."""
        if self.error is not None:
            raise self.error
        for step in range(11):
            heard(step / 10)
        frames = sum(shot.frames for shot in film.shots)
        width, height = film.ratio.size
        return FilmMedia(
            key=f"{film.prefix}film.mp4",
            poster_key=f"{film.prefix}poster.jpg",
            preview_key=f"{film.prefix}preview.webp",
            duration_seconds=frames / 24,
            frames=frames,
            width=width,
            height=height,
            bytes=frames * 1000,
            sha256=sha256(film.film_id.encode()).hexdigest(),
            assembly_seconds=0.5,
        )
