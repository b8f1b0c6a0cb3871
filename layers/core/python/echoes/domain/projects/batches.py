"""
Batches: many clips ordered in one go, all of them or none.

What belongs together is one commit wherever it fits into one. DynamoDB takes 100 items in a
transaction, and a clip needs three of them (its entry, its hold, itself). A longer batch is cut:
the first commit makes the first clips and holds the price of the rest, so everything is paid for by
then; the second one divides that hold among its clips.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from echoes.domain.clips.clip import Clip
from echoes.domain.credits.accounts import Posting
from echoes.domain.errors import InvalidRequest
from echoes.domain.identifiers import REST, BatchId, Credits, HoldId, OwnerId, ProjectId
from echoes.domain.projects.project import Project

MAX_BATCH: Final = 50
"""The number of photos one call may upload."""

WHOLE: Final = 32
"""Clips of one commit: three items each, the account and the project, of 100."""

FIRST_PART: Final = 31
"""Of a longer batch: as above, plus the rest's entry and hold, and the batch itself."""

FINISH_GRACE: Final = timedelta(minutes=1)
"""Finishing a batch takes seconds; after this time the sweep does it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """
    The rest of a batch: clips that are paid for by ``hold_id`` and not stored yet.

    Stored only if the stored version is ``version - 1`` (0: not stored yet).
    """

    owner_id: OwnerId
    batch_id: BatchId
    project_id: ProjectId
    clips: tuple[Clip, ...]
    created_at: datetime
    due_at: datetime | None
    """When the sweep finishes it; ``None`` once that is done."""

    version: int = 1

    @property
    def hold_id(self) -> HoldId:
        """The hold that pays for the rest until each clip has its own."""
        return rest_hold(self.batch_id)

    @property
    def finished(self) -> bool:
        """Whether the clips are stored (or, hours late, given up)."""
        return self.due_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRef:
    """Which batch, and whose."""

    owner_id: OwnerId
    batch_id: BatchId


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChange:
    """
    What is stored in one commit with the first posting of a batch, all of it or nothing.

    ``postings`` are the others, each on top of the one before; clips, project and batch are stored
    as `Clip`, `Project` and `Batch` are, unless they were written in the meantime.
    """

    postings: tuple[Posting, ...] = ()
    clips: tuple[Clip, ...] = ()
    project: Project | None = None
    batch: Batch | None = None


def rest_hold(batch_id: BatchId) -> HoldId:
    """Return the id of the hold of a batch's rest."""
    return HoldId(f"{batch_id}{REST}")


def cut(clips: Sequence[Clip]) -> tuple[tuple[Clip, ...], tuple[Clip, ...]]:
    """
    Return the clips of the first commit, and those of the second, if there has to be one.

    Raises:
        InvalidRequest: There is no clip, or there are more than `MAX_BATCH`.
    """
    if not 1 <= len(clips) <= MAX_BATCH:
        raise InvalidRequest(f"a batch must have 1 to {MAX_BATCH} photos", field="photos")
    first = len(clips) if len(clips) <= WHOLE else FIRST_PART
    return tuple(clips[:first]), tuple(clips[first:])


def price_of_all(clips: Sequence[Clip]) -> Credits:
    """Return what the present attempts of *clips* cost together."""
    return Credits(sum(clip.attempt.credits for clip in clips))


def finish(batch: Batch) -> Batch:
    """Return the record that is kept of *batch* once its clips are stored."""
    return replace(batch, clips=(), due_at=None, version=batch.version + 1)
