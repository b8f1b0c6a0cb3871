"""Use case: propose a film from photos, before anything is ordered."""

from collections.abc import Iterator
from dataclasses import dataclass

from echoes.application.music.choose_music import ChooseMusic
from echoes.application.ports.clock import Clock
from echoes.application.ports.uploads import Uploads
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.ratios import Ratio
from echoes.domain.errors import InvalidRequest, NotFound, PhotoUnusable
from echoes.domain.identifiers import OwnerId, UploadId
from echoes.domain.music.beats import BeatGrid
from echoes.domain.stories.plan import Soundtrack, StoryPlan, propose_story
from echoes.domain.stories.selection import StoryPhoto
from echoes.domain.uploads import Upload, require_ready


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryQuery:
    """Photos in upload order, and what is already decided about their film."""

    owner_id: OwnerId
    upload_ids: tuple[UploadId, ...]
    music_track_id: str | None = None
    transition: Transition = Transition.CUT
    ratio: Ratio | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStory:
    """Propose a film. Stores nothing, spends nothing, and calls no other service."""

    uploads: Uploads
    choose_music: ChooseMusic
    clock: Clock

    def __call__(self, query: StoryQuery) -> StoryPlan:
        """
        Return the plan; the same request gives the same plan.

        Raises:
            NotFound: The owner has no such upload; the message names it.
            InvalidRequest: A photo cannot be used or was not sent yet; there are none, too many, or
                one twice; or the music does not exist.
        """
        return propose_story(
            list(self._photos(query)),
            soundtrack=self._soundtrack(query.owner_id, query.music_track_id),
            transition=query.transition,
            ratio=query.ratio,
        )

    def _photos(self, query: StoryQuery) -> Iterator[StoryPhoto]:
        found = {
            upload.upload_id: upload
            for upload in self.uploads.get_many(query.owner_id, query.upload_ids)
        }
        for number, upload_id in enumerate(query.upload_ids):
            upload = found.get(upload_id)
            if upload is None:
                raise NotFound(f"upload not found: upload_ids.{number}")
            yield self._photo(upload, field=f"upload_ids.{number}")

    def _photo(self, upload: Upload, *, field: str) -> StoryPhoto:
        try:
            facts = require_ready(upload, self.clock.now())
        except PhotoUnusable as error:
            raise InvalidRequest(f"the photo was rejected: {error.reason}", field=field) from error
        except InvalidRequest as error:
            raise InvalidRequest(str(error), field=field) from error
        return StoryPhoto(
            upload_id=upload.upload_id,
            width=facts.width,
            height=facts.height,
            taken_at=upload.taken_at,
            taken_offset_minutes=upload.taken_offset_minutes,
            perceptual_hash=facts.perceptual_hash,
            sharpness=facts.sharpness,
        )

    def _soundtrack(self, owner_id: OwnerId, music_track_id: str | None) -> Soundtrack | None:
        """Return the music with its beats, as the film will know it. Raises `InvalidRequest`."""
        if music_track_id is None:
            return None
        music = self.choose_music(owner_id, music_track_id)
        grid = BeatGrid(beat_frames=music.beat_frames) if music.beat_frames else None
        return Soundtrack(music_track_id=music_track_id, grid=grid)
