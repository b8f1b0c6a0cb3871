"""
What films need from the outside world.

As for ``ports``: one implementation against the real service, one in ``dev.fakes``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from echoes.application.ports.clips import ExecutionState
from echoes.domain.films.film import Film, FilmMedia, FilmRef
from echoes.domain.films.limits import ActiveFilms
from echoes.domain.identifiers import FilmId, OwnerId, ProjectId


class Films(Protocol):
    """Stores films. Reads are strongly consistent."""

    def get(self, owner_id: OwnerId, film_id: FilmId) -> Film:
        """Return the film. Raises `NotFound`."""
        ...

    def newest(self, owner_id: OwnerId, project_id: ProjectId) -> Film | None:
        """Return the project's film that was ordered last, if there is one."""
        ...

    def save(self, film: Film) -> None:
        """Store *film*, that is there, if its version is ``version - 1``. Raises `Conflict`."""
        ...

    def due(self, *, at: datetime, limit: int) -> Sequence[FilmRef]:
        """Return films that have not ended and whose ``due_at`` has passed, oldest first."""
        ...


class FilmsInProgress(Protocol):
    """Takes new films in, a few of each owner at a time. Reads are strongly consistent."""

    def of_owner(self, owner_id: OwnerId) -> ActiveFilms:
        """Return what was put on it last, as far as it is still there: a few films."""
        ...

    def add(self, film: Film, active_films: ActiveFilms) -> None:
        """
        Store the new *film*, as the newest of its project, and the owner's *workbench* with it.

        Raises `Conflict`, and stores nothing, if there is such a film, or if the workbench's stored
        version is not ``version - 1``: of two orders at once one looks again.
        """
        ...


class ProjectFilms(Protocol):
    """The films of a project, for as long as there are any. Reads are strongly consistent."""

    def of_project(self, owner_id: OwnerId, project_id: ProjectId, *, limit: int) -> Sequence[Film]:
        """Return up to *limit* of them, always the same ones; fewer than *limit* are all."""
        ...

    def erase(self, owner_id: OwnerId, project_id: ProjectId, films: Sequence[Film]) -> None:
        """Remove *films* of the project for good, and which one was the newest. Repeatable."""
        ...


class AssemblyWorkflow(Protocol):
    """Runs a film through its steps, even if machines fail."""

    def start(self, film: FilmRef) -> None:
        """Begin; a no-op if it was begun before, even if it has ended. Raises `Unavailable`."""
        ...

    def state(self, film: FilmRef) -> ExecutionState:
        """Return the status of the film's execution. Raises `Unavailable`."""
        ...

    def stop(self, film: FilmRef) -> None:
        """End the execution, if it runs. Raises `Unavailable`."""
        ...


class Upload(Protocol):
    """A file that goes up in parts while it is made."""

    def send(self, number: int, content: bytes) -> None:
        """Store part *number*, from 1 on; from several threads at once. Raises `Unavailable`."""
        ...

    def finish(self) -> None:
        """Make the file of its parts; before, nobody can see it. Raises `Unavailable`."""
        ...

    def abort(self) -> None:
        """Forget the parts, as far as that works."""
        ...


class RangedMedia(Protocol):
    """Files of one bucket that are read and written in parts, for those too large for memory."""

    def size(self, key: str) -> int:
        """Return the file's bytes. Raises `NotFound`."""
        ...

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset* on. Raises `NotFound` or `Unavailable`."""
        ...

    def begin(self, key: str, *, content_type: str) -> Upload:
        """Begin to store a file at *key*."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What has to be encoded before a film can be joined, by name; *pieces* do not wait."""

    pieces: Sequence[str]
    total: int
    """Of all that the film needs encoded, made already or not."""


class FilmRenderer(Protocol):
    """Makes films. What it encodes is remembered by its content."""

    def missing(self, film: Film) -> Missing:
        """Return what can be made now; when that is there, more may be missing, or nothing."""
        ...

    def make(self, film: Film, pieces: Sequence[str]) -> None:
        """Make some of what is missing; repeatable. Raises `FootageRefused`."""
        ...

    def assemble(self, film: Film, *, on_progress: Callable[[float], None]) -> FilmMedia:
        """
        Write, verify and describe the film; repeatable, with the same bytes.

        *heard* is told shares from 0 to 1, in order; what it raises stops the work. Raises
        `FootageRefused`, `MusicGone` when its music was deleted meanwhile, and `FilmUnsound` when
        what was written is not what was planned.
        """
        ...
