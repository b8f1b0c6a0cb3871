"""Films, their executions, their renderer and files read by range, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from threading import Lock

from dev.fakes.media import InMemoryMediaStore
from echoes.application.ports.clips import ExecutionState
from echoes.application.ports.media import MediaStore
from echoes.domain.assembly.render_plan import Master, RenderPlan, TitleCard
from echoes.domain.errors import Conflict, NotFound, Unavailable
from echoes.domain.films.film import Film, FilmMedia, FilmRef, ref, segments_prefix
from echoes.domain.films.limits import ActiveFilms
from echoes.domain.identifiers import FilmId, OwnerId, ProjectId


class InMemoryFilms:
    """The ports `Films`, `FilmsInProgress` and `ProjectFilms`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._films: dict[tuple[OwnerId, FilmId], Film] = {}
        self._newest: dict[tuple[OwnerId, ProjectId], FilmId] = {}
        self._films_in_progress: dict[OwnerId, tuple[int, tuple[FilmId, ...]]] = {}

    def get(self, owner_id: OwnerId, film_id: FilmId) -> Film:
        """Return the film. Raises `NotFound`."""
        with self._lock:
            film = self._films.get((owner_id, film_id))
        if film is None:
            raise NotFound("film not found")
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
            if stored is None or stored.version != film.version - 1:
                raise Conflict("the film was written since")
            self._films[film.owner_id, film.film_id] = film

    def due(self, *, at: datetime, limit: int) -> list[FilmRef]:
        """Return films whose time to be looked at has come, oldest first."""
        with self._lock:
            due = [
                (film.due_at, ref(film))
                for film in self._films.values()
                if film.due_at is not None and film.due_at <= at
            ]
        due.sort(key=lambda pair: pair[0])
        return [film for _, film in due[:limit]]

    def of_owner(self, owner_id: OwnerId) -> ActiveFilms:
        """Return what was put on it last, as far as it is still there."""
        with self._lock:
            version, film_ids = self._films_in_progress.get(owner_id, (0, ()))
            found = [self._films.get((owner_id, film_id)) for film_id in film_ids]
        return ActiveFilms(films=tuple(film for film in found if film), version=version)

    def add(self, film: Film, active_films: ActiveFilms) -> None:
        """Store the new *film* and its owner's active films. Raises `Conflict`."""
        owner_id = film.owner_id
        with self._lock:
            version, _ = self._films_in_progress.get(owner_id, (0, ()))
            if version != active_films.version - 1 or (owner_id, film.film_id) in self._films:
                raise Conflict("another request changed this first")
            self._films[owner_id, film.film_id] = film
            self._newest[owner_id, film.project_id] = film.film_id
            film_ids = tuple(each.film_id for each in active_films.films)
            self._films_in_progress[owner_id] = (active_films.version, film_ids)

    def of_project(self, owner_id: OwnerId, project_id: ProjectId, *, limit: int) -> list[Film]:
        """Return up to *limit* of them."""
        with self._lock:
            found = [
                film
                for film in self._films.values()
                if (film.owner_id, film.project_id) == (owner_id, project_id)
            ]
        return sorted(found, key=lambda film: film.film_id)[:limit]

    def erase(self, owner_id: OwnerId, project_id: ProjectId, films: Sequence[Film]) -> None:
        """Remove *films*."""
        with self._lock:
            for film in films:
                self._films.pop((owner_id, film.film_id), None)
            self._newest.pop((owner_id, project_id), None)

    def all(self) -> list[Film]:
        """Return every film: for tests that look at the whole."""
        with self._lock:
            return list(self._films.values())

    def owner_of(self, film_id: str) -> OwnerId | None:
        """Return whose film it is, if there is one."""
        with self._lock:
            return next((owner for owner, found in self._films if found == film_id), None)


class InMemoryAssemblyWorkflow:
    """
    The port `AssemblyWorkflow`; ``started`` holds each film once, in the order they began.

    While ``unavailable`` is set every call fails, having done nothing.
    """

    def __init__(self) -> None:
        self._states: dict[FilmRef, ExecutionState] = {}
        self.started: list[FilmRef] = []
        self.unavailable = False

    def start(self, film: FilmRef) -> None:
        """Begin; a no-op if it was begun before."""
        self._require_available()
        if film not in self._states:
            self._states[film] = ExecutionState.RUNNING
            self.started.append(film)

    def state(self, film: FilmRef) -> ExecutionState:
        """Return what became of it."""
        self._require_available()
        return self._states.get(film, ExecutionState.MISSING)

    def stop(self, film: FilmRef) -> None:
        """End the execution, if it runs."""
        self._require_available()
        if film in self._states:
            self._states[film] = ExecutionState.ENDED

    def end(self, film: FilmRef) -> None:
        """Let the execution come to its own end, well or badly."""
        self._states[film] = ExecutionState.ENDED

    def _require_available(self) -> None:
        if self.unavailable:
            raise Unavailable("the workflow could not answer")


SIGNATURE = "h264-high"
"""The encoding of the clips that `tests.support.factories` makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainStoredSegment:
    """The port `StoredSegment`."""

    handle: str
    frames: int


class InMemorySegments:
    """The port `Segments` over the files of *media*: a segment's content is its length."""

    def __init__(self, media: MediaStore) -> None:
        self.media = media

    def signature(self, film: Film) -> str:  # noqa: ARG002  # of every film, whatever its size
        """Return the encoding that every master and segment of *film* must have."""
        return SIGNATURE

    def find(self, film: Film, key: str) -> PlainStoredSegment | None:
        """Return the segment *key* of the film's project, if it is there."""
        try:
            content = self.media.read(_address(film, key), max_bytes=1000)
        except NotFound:
            return None
        return PlainStoredSegment(handle=_address(film, key), frames=int(content))

    def keep(self, film: Film, key: str, frames: int) -> PlainStoredSegment:
        """Store a segment, for a week."""
        self.media.write(
            _address(film, key), str(frames).encode(), content_type="video/mp4", passing=True
        )
        return PlainStoredSegment(handle=_address(film, key), frames=frames)


class PlainFilmRenderer:
    """
    The port `FilmRenderer` without pictures; ``rendered`` holds each key that it encoded.

    While ``error`` is set every call fails with it.
    """

    def __init__(self, segments: InMemorySegments) -> None:
        self.segments = segments
        self.rendered: list[str] = []
        self.error: Exception | None = None

    def normalise(self, film: Film, master: Master, key: str) -> PlainStoredSegment:
        """Keep and return a clip of the same length as *key*."""
        return self._keep(film, key, master.frames)

    def draw(self, film: Film, card: TitleCard) -> None:
        """Keep a title card."""
        self._keep(film, card.key, card.frames)

    def encode(self, film: Film, plan: RenderPlan) -> None:
        """Keep the joints and fades of *plan*, and the cards they show."""
        self._require_working()
        for item in (*plan.cards, *plan.encoded):
            if self.segments.find(film, item.key) is None:
                self._keep(film, item.key, item.frames)

    def join(
        self, film: Film, plan: RenderPlan, *, on_progress: Callable[[float], None]
    ) -> FilmMedia:
        """Encode what is missing, and return what a film of this plan would be like."""
        self.encode(film, plan)
        for step in range(11):
            on_progress(step / 10)
        media = FilmMedia(
            key=f"{film.prefix}film.mp4",
            poster_key=f"{film.prefix}poster.jpg",
            preview_key=f"{film.prefix}preview.webp",
            duration_seconds=plan.duration_seconds,
            frames=plan.frames,
            width=plan.width,
            height=plan.height,
            bytes=plan.frames * 1000,
            sha256=sha256(film.film_id.encode()).hexdigest(),
            assembly_seconds=0.5,
        )
        for key in (media.key, media.poster_key, media.preview_key):
            self.segments.media.write(key, b"a film", content_type="video/mp4")
        return media

    def _keep(self, film: Film, key: str, frames: int) -> PlainStoredSegment:
        self._require_working()
        self.rendered.append(key)
        return self.segments.keep(film, key, frames)

    def _require_working(self) -> None:
        if self.error is not None:
            raise self.error


def _address(film: Film, key: str) -> str:
    return f"{segments_prefix(film.owner_id, film.project_id)}{key}.mp4"


class InMemoryRangedMedia:
    """The port `RangedMedia` over the files of *media*; ``largest`` is the most it read at once."""

    def __init__(self, media: InMemoryMediaStore) -> None:
        self._media = media
        self.largest = 0
        self.aborted: list[str] = []

    def size(self, key: str) -> int:
        """Return the file's bytes. Raises `NotFound`."""
        return len(self._content(key))

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset* on."""
        self.largest = max(self.largest, length)
        return self._content(key)[offset : offset + length]

    def begin(self, key: str, *, content_type: str) -> "InMemoryMultipartUpload":
        """Begin to store a file at *key*."""
        return InMemoryMultipartUpload(self, self._media, key, content_type)

    def _content(self, key: str) -> bytes:
        if key not in self._media.files:
            raise NotFound("file not found")
        return self._media.files[key].content


class InMemoryMultipartUpload:
    """The port `Upload`."""

    def __init__(
        self, ranged: InMemoryRangedMedia, media: InMemoryMediaStore, key: str, content_type: str
    ) -> None:
        self._ranged = ranged
        self._media = media
        self._key = key
        self._content_type = content_type
        self._parts: dict[int, bytes] = {}

    def send(self, number: int, content: bytes) -> None:
        """Store part *number*."""
        self._parts[number] = content

    def finish(self) -> None:
        """Make the file of its parts."""
        content = b"".join(part for _, part in sorted(self._parts.items()))
        self._media.write(self._key, content, content_type=self._content_type)

    def abort(self) -> None:
        """Forget the parts."""
        self._parts.clear()
        self._ranged.aborted.append(self._key)
