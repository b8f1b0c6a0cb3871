"""
What films need from the outside world.

Each port has one implementation against the real service and one in ``dev.fakes``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from echoes.application.ports.clips import ExecutionState
    from echoes.domain.assembly.render_plan import Master, RenderPlan, TitleCard
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
        """Store *film*, which exists, if its version is ``version - 1``. Raises `Conflict`."""
        ...

    def due(self, *, at: datetime, limit: int) -> Sequence[FilmRef]:
        """Return films that have not ended and whose ``due_at`` has passed, oldest first."""
        ...


class FilmsInProgress(Protocol):
    """Admits new films, a few of each owner at a time. Reads are strongly consistent."""

    def of_owner(self, owner_id: OwnerId) -> ActiveFilms:
        """Return the films that were admitted last, as far as they still exist: a few."""
        ...

    def add(self, film: Film, active_films: ActiveFilms) -> None:
        """
        Store the new *film*, as the newest of its project, and its owner's *active_films* with it.

        Raises `Conflict`, and stores nothing, if the film exists, or if the stored version of the
        active films is not ``version - 1``: of two orders at once one looks again.
        """
        ...


class ProjectFilms(Protocol):
    """The films of a project, until they are erased. Reads are strongly consistent."""

    def of_project(self, owner_id: OwnerId, project_id: ProjectId, *, limit: int) -> Sequence[Film]:
        """Return up to *limit* of them, always the same ones; fewer than *limit* are all."""
        ...

    def erase(self, owner_id: OwnerId, project_id: ProjectId, films: Sequence[Film]) -> None:
        """Erase *films* of the project, and which one was the newest. Repeatable."""
        ...


class AssemblyWorkflow(Protocol):
    """Carries a film through its steps, even if machines fail."""

    def start(self, film: FilmRef) -> None:
        """Begin; a no-op if it was begun before, even if it has ended. Raises `Unavailable`."""
        ...

    def state(self, film: FilmRef) -> ExecutionState:
        """Return the status of the film's execution. Raises `Unavailable`."""
        ...

    def stop(self, film: FilmRef) -> None:
        """End the execution, if it runs. Raises `Unavailable`."""
        ...


class MultipartUpload(Protocol):
    """A file that is uploaded in parts while it is made."""

    def send(self, number: int, content: bytes) -> None:
        """Store part *number*, from 1 on; from several threads at once. Raises `Unavailable`."""
        ...

    def finish(self) -> None:
        """Make the file of its parts; until then nobody sees it. Raises `Unavailable`."""
        ...

    def abort(self) -> None:
        """Delete the parts, as far as that is possible."""
        ...


class RangedMedia(Protocol):
    """Files of one bucket that are too large for memory: they are read and written in parts."""

    def size(self, key: str) -> int:
        """Return the file's bytes. Raises `NotFound`."""
        ...

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset* on. Raises `NotFound` or `Unavailable`."""
        ...

    def begin(self, key: str, *, content_type: str) -> MultipartUpload:
        """Begin to store a file at *key*."""
        ...


class StoredSegment(Protocol):
    """An encoded piece of a film that is kept."""

    @property
    def handle(self) -> str:
        """Where it is stored."""
        ...

    @property
    def frames(self) -> int:
        """Its length, read when it is asked for. Raises `Unavailable` if it was deleted since."""
        ...


class Segments(Protocol):
    """
    What was encoded for films: normalised clips, title cards, joints and fades, by their keys.

    Each project keeps its own, for a week, and only those of today's encoding are found.
    """

    def signature(self, film: Film) -> str:
        """Return the encoding that every master and segment of *film* must have."""
        ...

    def find(self, film: Film, key: str) -> StoredSegment | None:
        """Return the segment *key* of the film's project, if it is there."""
        ...


class FilmRenderer(Protocol):
    """
    Encodes and joins what was planned; what it encodes is found in `Segments` afterwards.

    All methods may be repeated, with the same bytes, and raise `FootageRefused`.
    """

    def normalise(self, film: Film, master: Master, key: str) -> StoredSegment:
        """Encode a clip at the size and encoding of *film*; keep and return it as *key*."""
        ...

    def draw(self, film: Film, card: TitleCard) -> None:
        """Encode a title card and keep it."""
        ...

    def encode(self, film: Film, plan: RenderPlan) -> None:
        """Encode the joints and fades of *plan* that are not kept, and the cards they show."""
        ...

    def join(
        self, film: Film, plan: RenderPlan, *, on_progress: Callable[[float], None]
    ) -> FilmMedia:
        """
        Write, verify and describe the film; a segment that is missing is encoded again.

        *on_progress* receives shares from 0 to 1, in order; what it raises stops the work. Raises
        `MusicGone` when the film's music was deleted meanwhile, `Unavailable` when a segment was,
        and `FilmUnsound` when what was written is not what was planned.
        """
        ...
