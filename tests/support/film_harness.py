"""A project of paid clips, and the use cases of films on fakes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from dev.fakes.clips import InMemoryClips
from dev.fakes.clock import FakeClock
from dev.fakes.credits import InMemoryLedger
from dev.fakes.films import (
    InMemoryAssemblyWorkflow,
    InMemoryFilms,
    InMemorySegments,
    PlainFilmRenderer,
)
from dev.fakes.media import InMemoryMediaStore
from dev.fakes.music import InMemoryMusicUploads
from dev.fakes.state_machine import ASSEMBLY, End, StateMachine, Task
from echoes.application.clips.delete_clip import DeleteClip
from echoes.application.films.cancel_film import CancelFilm
from echoes.application.films.create_film_download_link import CreateFilmDownloadLink
from echoes.application.films.join_film import JoinFilm
from echoes.application.films.order_film import OrderFilm
from echoes.application.films.plan_film import PlanFilm
from echoes.application.films.render_segments import RenderSegments
from echoes.application.films.running_films import RunningFilms
from echoes.application.films.settle_film import SettleFilm
from echoes.application.films.sweep_films import FilmSweep, SweepFilms
from echoes.application.music.choose_music import ChooseMusic
from echoes.application.ports.clips import ClipChange, ExecutionState
from echoes.application.ports.films import FilmRenderer, Segments
from echoes.application.projects.sweep_projects import SweepProjects
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.attempts import ClipMedia, ClipStatus, Stage
from echoes.domain.clips.clip import Clip
from echoes.domain.clips.ratios import Ratio
from echoes.domain.films.film import Film, ref
from echoes.domain.identifiers import FilmId, OwnerId, ProjectId
from echoes.domain.projects.project import Look, Project, ProjectClip, add, create
from echoes.tasks import assembly
from tests.support.clip_harness import SWEEPS, Gate, Gated
from tests.support.factories import a_clip, an_id, an_owner, clip_media

if TYPE_CHECKING:
    from echoes.application.projects.order_clips import OrderClips

_moments = count(1)

DIPPING = Look(transition=Transition.DIP)
"""Most films have joints to encode."""


@dataclass
class FilmHarness:
    """
    Everything a film meets, in memory; `wire` replaces what encodes it.

    Each call that a use case makes across a port passes the gate.
    """

    owner: OwnerId = field(default_factory=an_owner)
    clock: FakeClock = field(default_factory=FakeClock)
    clips: InMemoryClips = field(default_factory=InMemoryClips)
    films: InMemoryFilms = field(default_factory=InMemoryFilms)
    workflow: InMemoryAssemblyWorkflow = field(default_factory=InMemoryAssemblyWorkflow)
    gate: Gate = field(default_factory=Gate)
    library: InMemoryMusicUploads = field(default_factory=InMemoryMusicUploads)

    def __post_init__(self) -> None:
        self.media = InMemoryMediaStore(self.clock)
        self.ledger = InMemoryLedger(clips=self.clips)
        clips, projects = (
            self._gated(self.clips, "clips"),
            self._gated(self.clips.projects, "projects"),
        )
        films, ledger = self._gated(self.films, "films"), self._gated(self.ledger, "ledger")
        workflow, media = self._gated(self.workflow, "workflow"), self._gated(self.media, "media")
        self.order = OrderFilm(
            projects=projects,
            clips=clips,
            films=films,
            films_in_progress=films,
            ledger=ledger,
            choose_music=ChooseMusic(music=self._gated(self.library, "library")),
            workflow=workflow,
            clock=self.clock,
        )
        self.plain = PlainFilmRenderer(InMemorySegments(media))
        self.running = RunningFilms(films=films, clock=self.clock)
        self.cancel = CancelFilm(films=films, clock=self.clock)
        self.settle = SettleFilm(films=films, clock=self.clock)
        self.sweep_films = SweepFilms(
            films=films, workflow=workflow, settle_film=self.settle, clock=self.clock
        )
        self.sweep_projects = SweepProjects(
            projects=projects,
            batches=self._gated(self.clips.batches, "batches"),
            # No batch is ever ordered here, so none is finished.
            order_clips=cast("OrderClips", None),
            delete_clip=DeleteClip(clips=clips, projects=projects, media=media, clock=self.clock),
            films=films,
            settle_film=self.settle,
            media=media,
            clock=self.clock,
        )
        self.link = CreateFilmDownloadLink(
            projects=projects,
            films=films,
            clips=clips,
            ledger=ledger,
            media=media,
            clock=self.clock,
        )
        self.wire(
            self._gated(InMemorySegments(media), "segments"), self._gated(self.plain, "renderer")
        )

    def wire(self, segments: Segments, renderer: FilmRenderer) -> None:
        """Let films be encoded by *renderer* and their segments be found in *segments*."""
        self.plan = PlanFilm(films=self.running, segments=segments)
        self.render = RenderSegments(films=self.running, segments=segments, renderer=renderer)
        self.join = JoinFilm(films=self.running, segments=segments, renderer=renderer)
        self.tasks: dict[str, Task] = {
            "PlanFunctionArn": partial(assembly.plan, plan_film=self.plan),
            "RenderFunctionArn": partial(assembly.render, render_segments=self.render),
            "JoinFunctionArn": partial(assembly.join, join_film=self.join),
            "SettleFunctionArn": partial(assembly.settle, settle_film=self.settle),
        }

    def render_missing(self, film: Film) -> list[int]:
        """Plan and render until nothing is missing; return how many segments each round had."""
        rounds = []
        while (missing := self.plan(ref(film))).batches:
            for batch in missing.batches:
                self.render(ref(film), batch, total=missing.total)
            rounds.append(sum(map(len, missing.batches)))
        return rounds

    def _gated(self, port: object, name: str) -> Any:  # noqa: ANN401  # stands for any port
        return Gated(port, name, self.gate)

    def clip(self, *, free: bool = False, media: ClipMedia | None = None) -> Clip:
        """Return a stored clip that was completed."""
        clip = a_clip(owner_id=self.owner, ratio=Ratio.WIDE, free=free)
        done = replace(
            clip.attempt,
            status=ClipStatus.COMPLETED,
            stage=Stage.DONE,
            progress=1.0,
            media=media or clip_media(clip, sha256=sha256(clip.clip_id.encode()).hexdigest()),
        )
        completed = replace(clip, attempts=(done,))
        self.clips.save(ClipChange(clip=completed))
        return completed

    def project(
        self, *clips: Clip, look: Look | None = None, at: datetime | None = None
    ) -> Project:
        """Return a stored project of *clips*, made *at* some time no other one was."""
        self.clock.sleep(1)
        at = (at or self.clock.now()) + timedelta(microseconds=next(_moments))
        made = create(self.owner, ProjectId(an_id()), title="Summer", look=look or DIPPING, at=at)
        self.clips.projects.save(made)
        if not clips:
            return made
        filled = add(made, [ProjectClip(clip_id=clip.clip_id) for clip in clips], at=at)
        self.clips.projects.save(filled)
        return filled

    def ordered(self, project: Project | None = None) -> Film:
        """Return a film that was ordered just now."""
        wanted = project or self.project(self.clip(), self.clip(), self.clip())
        return self.order(self.owner, wanted.project_id, FilmId(an_id()))

    def now(self, film: Film) -> Film:
        """Return *film* as it is stored."""
        return self.films.get(self.owner, film.film_id)

    def carry(self, *, stop: Callable[[], bool] = lambda: False) -> list[End]:
        """Let the state machine carry every film whose execution was started and runs."""
        ends = []
        for film in list(self.workflow.started):
            if self.workflow.state(film) is ExecutionState.RUNNING:
                payload = {"owner_id": film.owner_id, "film_id": film.film_id}
                machine = StateMachine(self.tasks, self.clock, definition=ASSEMBLY)
                ends.append(machine.run({**payload, "correlation_id": "test"}, stop=stop))
                self.workflow.end(film)
        return ends

    def sweep(self, *, after: timedelta = timedelta(minutes=10)) -> FilmSweep:
        """Let some time pass, and do one round."""
        self.clock.advance(after)
        return self.sweep_films()

    def come_to_rest(self) -> None:
        """Sweep, and carry what the sweep starts, until every film has ended."""
        for _ in range(SWEEPS):
            self.carry()
            if all(film.ended for film in self.films.all()):
                return
            self.sweep()
