"""The road from an order to its settlement on the real stores, with the same blows as in memory."""

import os

import pytest
from pynamodb.connection import Connection

from dev.fakes.state_machine import Killed
from echoes.adapters.dynamodb.clips.batches import DynamoBatches
from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.clips.order_clip import ClipRequest
from echoes.domain.clips.attempts import ClipStatus
from echoes.domain.credits.entries import EntryKind
from echoes.domain.errors import EchoesError
from echoes.domain.identifiers import Credits
from tests.support.clip_harness import RUNWAY, SWEEPS, Blow, ClipHarness
from tests.support.factories import an_id
from tests.support.grants import GrantCredits
from tests.support.storage import CLIPS, CREDIT_ENTRIES, CREDIT_STATE, PHOTOS, RECORDS


class DeployedClipHarness(ClipHarness):
    """The same, but everything that lasts is kept by AWS."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(credits_=0)
        self.initial = 3
        s3 = s3_client(os.environ["AWS_DEFAULT_REGION"])
        self.real_clips = DynamoClips(RECORDS, connection)
        self.real_ledger = DynamoLedger(
            entries_table=CREDIT_ENTRIES,
            state_table=CREDIT_STATE,
            records_table=RECORDS,
            connection=connection,
        )
        self.clips_store = self.real_clips  # type: ignore[assignment]  # the same port
        self.ledger_store = self.real_ledger  # type: ignore[assignment]  # the same
        self.projects_store = DynamoProjects(RECORDS, connection)  # type: ignore[assignment]  # the same
        self.batches_store = DynamoBatches(RECORDS, connection)  # type: ignore[assignment]  # the same
        self.uploads_store = DynamoUploads(RECORDS, connection)  # type: ignore[assignment]  # the same
        self.photos_store = S3MediaStore(PHOTOS, s3)  # type: ignore[assignment]  # the same
        self.media_store = S3MediaStore(CLIPS, s3)  # type: ignore[assignment]  # the same
        self._wire(fallback=None, free_clips=True)
        self.gate.look = lambda: None
        self.upload = self.upload_of(self.owner)
        GrantCredits(ledger=self.real_ledger, clock=self.clock)(
            self.owner, amount=Credits(3), reference=an_id(), actor="operator", reason="a start"
        )

    def run(self, request: ClipRequest, *, dies: bool) -> None:
        """Order, carry, and sweep until the clip has ended."""
        for _ in range(2):
            try:
                self.order_clip(request)
                break
            except (Killed, EchoesError):
                continue
        self.carry_all(stop=lambda: dies and self.gate.struck is not None)
        self.gate.lift()
        for _ in range(SWEEPS):
            self.carry_all()
            if self.real_clips.get(request.owner_id, request.clip_id).attempt.ended:
                return
            self.sweep()


def settled_once(harness: DeployedClipHarness, request: ClipRequest) -> ClipStatus:
    """Assert that hold, entries, balance and clip agree; return how it ended."""
    attempt = harness.real_clips.get(request.owner_id, request.clip_id).attempt
    page = harness.real_ledger.entries(request.owner_id, before=None, limit=100)
    kinds = [entry.kind for entry in page.entries if entry.reference == attempt.hold_id]
    completed = attempt.status is ClipStatus.COMPLETED
    assert attempt.ended
    assert kinds == [EntryKind.CAPTURE if completed else EntryKind.RELEASE, EntryKind.HOLD]
    account = harness.real_ledger.account(request.owner_id)
    assert (account.held, account.available) == (0, 2 if completed else 3)
    assert harness.provider.made[attempt.attempt_id] <= 1
    return attempt.status


def test_a_clip_is_made_and_paid(connection: Connection) -> None:
    """Nothing strikes: completed, captured, the files in the bucket, the provider asked once."""
    harness = DeployedClipHarness(connection)
    request = harness.request()

    harness.run(request, dies=False)

    assert settled_once(harness, request) is ClipStatus.COMPLETED
    media = harness.real_clips.get(request.owner_id, request.clip_id).attempt.media
    assert media is not None
    assert harness.media_store.read(media.master_key, max_bytes=10_000).startswith(b"master.mp4")
    assert harness.real_clips.get(request.owner_id, request.clip_id).attempt.provider == RUNWAY


@pytest.mark.parametrize("at", range(0, 36, 5))
@pytest.mark.parametrize("blow", [Blow.KILL_AFTER, Blow.LOSE_ANSWER])
def test_a_blow_on_the_way_leaves_the_hold_settled_once(
    connection: Connection, blow: Blow, at: int
) -> None:
    """AJ3, AJ7 on the stores that are deployed; execution and all die at the first blow."""
    harness = DeployedClipHarness(connection)
    request = harness.request()
    harness.gate.strike(at, blow)

    harness.run(request, dies=True)

    settled_once(harness, request)
