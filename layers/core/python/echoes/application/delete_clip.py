"""Use case: the owner wants a clip gone."""

from dataclasses import dataclass

from echoes.application.contention import repeat_on_conflict
from echoes.application.ports import ClipChange, Clips, Clock, MediaStore
from echoes.domain.clips import clip_prefix, delete
from echoes.domain.identifiers import ClipId, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteClip:
    """Remove a clip's files, then the clip. What was paid for it stays in the ledger."""

    clips: Clips
    media: MediaStore
    """The clips bucket."""

    clock: Clock

    def __call__(self, owner_id: OwnerId, clip_id: ClipId) -> None:
        """
        Delete the clip with all its attempts.

        The files go first: whatever happens between, asking again finishes the work.

        Raises:
            NotFound: The owner has no such clip (any more).
            ClipBusy: An attempt is under way; cancel it first.
        """

        def delete_once() -> None:
            gone = delete(self.clips.get(owner_id, clip_id), at=self.clock.now())
            self.media.delete(clip_prefix(owner_id, clip_id))
            self.clips.save(ClipChange(clip=gone))

        repeat_on_conflict(delete_once, clock=self.clock)
