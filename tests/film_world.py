"""A project of paid clips, and the use cases of films on fakes."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from dev.fakes.clips import InMemoryClips
from dev.fakes.clock import FakeClock
from dev.fakes.films import InMemoryAssemblyWorkflow, InMemoryFilms, PlainFilmStudio
from dev.fakes.ledger import InMemoryLedger
from dev.fakes.media import InMemoryMediaStore
from echoes.application.assemble_film import AssembleFilm
from echoes.application.cancel_film import CancelFilm
from echoes.application.film_ports import FilmStudio
from echoes.application.link_film import LinkFilm
from echoes.application.order_film import OrderFilm
from echoes.application.ports import ClipChange
from echoes.application.settle_film import SettleFilm
from echoes.domain.clips import Clip, ClipMedia, ClipStatus, Ratio, Stage
from echoes.domain.film_orders import Film
from echoes.domain.identifiers import FilmId, OwnerId, ProjectId
from echoes.domain.projects import Look, Project, Shot, add, create
from tests.factories import a_clip, an_id, an_owner, clip_media

_moments = count(1)


@dataclass
class FilmWorld:
    """Everything a film meets, in memory; *studio* may be replaced by a real one."""

    owner: OwnerId = field(default_factory=an_owner)
    clock: FakeClock = field(default_factory=FakeClock)
    clips: InMemoryClips = field(default_factory=InMemoryClips)
    films: InMemoryFilms = field(default_factory=InMemoryFilms)
    workflow: InMemoryAssemblyWorkflow = field(default_factory=InMemoryAssemblyWorkflow)
    plain: PlainFilmStudio = field(default_factory=PlainFilmStudio)
    studio: FilmStudio | None = None

    def __post_init__(self) -> None:
        self.media = InMemoryMediaStore(self.clock)
        self.ledger = InMemoryLedger(clips=self.clips)
        self.order = OrderFilm(
            projects=self.clips.projects,
            clips=self.clips,
            films=self.films,
            ledger=self.ledger,
            workflow=self.workflow,
            clock=self.clock,
        )
        self.assemble = AssembleFilm(
            films=self.films, studio=self.studio or self.plain, clock=self.clock
        )
        self.cancel = CancelFilm(films=self.films, clock=self.clock)
        self.settle = SettleFilm(films=self.films, clock=self.clock)
        self.link = LinkFilm(
            projects=self.clips.projects,
            films=self.films,
            clips=self.clips,
            ledger=self.ledger,
            media=self.media,
            clock=self.clock,
        )

    def clip(self, *, free: bool = False, media: ClipMedia | None = None) -> Clip:
        """Return a stored clip that was completed."""
        clip = a_clip(owner_id=self.owner, ratio=Ratio.WIDE, free=free)
        done = replace(
            clip.attempt,
            status=ClipStatus.COMPLETED,
            stage=Stage.DONE,
            progress=1.0,
            media=media or clip_media(clip),
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
        made = create(self.owner, ProjectId(an_id()), title="Summer", look=look or Look(), at=at)
        self.clips.projects.save(made)
        if not clips:
            return made
        filled = add(made, [Shot(clip_id=clip.clip_id) for clip in clips], at=at)
        self.clips.projects.save(filled)
        return filled

    def ordered(self, project: Project | None = None) -> Film:
        """Return a film that was ordered just now."""
        wanted = project or self.project(self.clip(), self.clip(), self.clip())
        return self.order(self.owner, wanted.project_id, FilmId(an_id()))

    def now(self, film: Film) -> Film:
        """Return *film* as it is stored."""
        return self.films.get(self.owner, film.film_id)
