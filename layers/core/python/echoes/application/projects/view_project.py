"""Use cases: show a project, and list all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from echoes.application.clips.view_clip import ClipView
from echoes.application.films.view_film import FilmView, ViewFilm
from echoes.application.links import LINK_LIFETIME
from echoes.application.ports.clips import Clips
from echoes.application.ports.films import Films
from echoes.application.ports.media import MediaLinks
from echoes.application.ports.projects import MAX_PROJECTS_PAGE, Projects
from echoes.domain.clips.attempts import Attempt
from echoes.domain.clips.clip import Clip
from echoes.domain.errors import InvalidRequest
from echoes.domain.identifiers import ClipId, OwnerId, ProjectId
from echoes.domain.projects.project import Project, ProjectClip


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One attempt, with links to its watermarked files if it was completed."""

    attempt: Attempt
    preview_url: str | None
    poster_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotView:
    """One clip in its place. ``view`` shows the attempt that the film shows."""

    shot: ProjectClip
    view: ClipView
    attempts: tuple[AttemptView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectView:
    """A project with its clips, without deleted ones."""

    project: Project
    shots: tuple[ShotView, ...]
    film: FilmView | None = None
    """The newest film."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A project in a list, with its first clip if that is completed."""

    project: Project
    cover: Clip | None
    poster_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Some of an owner's projects, newest first; ``next_before`` continues."""

    items: Sequence[Listed]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewProject:
    """Read projects, and sign links to their clips' previews."""

    projects: Projects
    clips: Clips
    films: Films
    media: MediaLinks
    """The clips bucket."""

    def __call__(self, owner_id: OwnerId, project_id: ProjectId) -> ProjectView:
        """Return the project as it is now. Raises `NotFound`."""
        return self.show(self.projects.get(owner_id, project_id))

    def show(self, project: Project) -> ProjectView:
        """Return *project* with its clips and links."""
        found = self._clips(project.owner_id, project.clip_ids)
        film = self.films.newest(project.owner_id, project.project_id)
        return ProjectView(
            project=project,
            film=ViewFilm(films=self.films, media=self.media).show(film) if film else None,
            shots=tuple(
                self._shot(shot, found[shot.clip_id])
                for shot in project.shots
                if shot.clip_id in found
            ),
        )

    def list(self, owner_id: OwnerId, *, before: int | None, limit: int) -> Listing:
        """Return up to *limit* (1 to 100) projects. Raises `InvalidRequest` for another limit."""
        if not 1 <= limit <= MAX_PROJECTS_PAGE:
            raise InvalidRequest(f"limit must be 1 to {MAX_PROJECTS_PAGE}", field="limit")
        page = self.projects.page(owner_id, before=before, limit=limit)
        first = [project.clip_ids[0] for project in page.projects if project.clip_ids]
        found = self._clips(owner_id, first)
        items = [
            self._listed(project, found.get(project.clip_ids[0]) if project.clip_ids else None)
            for project in page.projects
        ]
        return Listing(items=items, next_before=page.next_before)

    def _clips(self, owner_id: OwnerId, clip_ids: Sequence[ClipId]) -> Mapping[ClipId, Clip]:
        return {clip.clip_id: clip for clip in self.clips.get_many(owner_id, clip_ids)}

    def _listed(self, project: Project, cover: Clip | None) -> Listed:
        media = cover.finished.media if cover and cover.finished else None
        poster = self.media.link(media.poster_key, lifetime=LINK_LIFETIME) if media else None
        return Listed(project=project, cover=cover, poster_url=poster)

    def _shot(self, shot: ProjectClip, clip: Clip) -> ShotView:
        attempts = tuple(self._attempt(attempt) for attempt in clip.attempts)
        shown = clip.finished.number if clip.finished else None
        if shot.attempt is not None and clip.attempts[shot.attempt - 1].media is not None:
            shown = shot.attempt
        seen = attempts[shown - 1] if shown is not None else None
        return ShotView(
            shot=shot,
            view=ClipView(
                clip=clip,
                media=seen.attempt.media if seen else None,
                preview_url=seen.preview_url if seen else None,
                poster_url=seen.poster_url if seen else None,
            ),
            attempts=attempts,
        )

    def _attempt(self, attempt: Attempt) -> AttemptView:
        media = attempt.media
        if media is None or attempt.error_code is not None:
            return AttemptView(attempt=attempt, preview_url=None, poster_url=None)
        return AttemptView(
            attempt=attempt,
            preview_url=self.media.link(media.preview_key, lifetime=LINK_LIFETIME),
            poster_url=self.media.link(media.poster_key, lifetime=LINK_LIFETIME),
        )
