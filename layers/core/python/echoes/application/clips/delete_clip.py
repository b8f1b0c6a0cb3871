"""Use case: the owner deletes a clip."""

from dataclasses import dataclass

from echoes.application.ports.clips import ClipChange, Clips
from echoes.application.ports.clock import Clock
from echoes.application.ports.media import MediaStore
from echoes.application.ports.projects import Projects
from echoes.application.retries import retry_on_conflict
from echoes.domain.clips.clip import Clip, clip_prefix, delete
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import ClipId, OwnerId
from echoes.domain.projects.project import Project, without


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteClip:
    """Delete a clip's files, then the clip, also from its project. Its ledger entries stay."""

    clips: Clips
    projects: Projects
    media: MediaStore
    """The clips bucket."""

    clock: Clock

    def __call__(self, owner_id: OwnerId, clip_id: ClipId) -> None:
        """
        Delete the clip with all its attempts.

        The files are deleted first, so a repeated call finishes an interrupted deletion.

        Raises:
            NotFound: The owner has no such clip.
            ClipBusy: An attempt is in progress; cancel it first.
        """

        def delete_once() -> None:
            gone = delete(self.clips.get(owner_id, clip_id), at=self.clock.now())
            self.media.delete(clip_prefix(owner_id, clip_id))
            self.clips.save(ClipChange(clip=gone, project=self._project_without(gone)))

        retry_on_conflict(delete_once, clock=self.clock)

    def _project_without(self, clip: Clip) -> Project | None:
        """Return the clip's project without it; ``None`` if there is nothing to change."""
        if clip.project_id is None:
            return None
        try:
            project = self.projects.get(clip.owner_id, clip.project_id)
        except NotFound:
            return None
        changed = without(project, clip.clip_id, at=self.clock.now())
        return None if changed is project else changed
