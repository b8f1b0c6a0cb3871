"""Ordering, regenerating, cancelling, deleting and downloading, as owners notice it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from dev.fakes.credits import Fault
from echoes.domain.clips.attempts import ClipStatus, Stage
from echoes.domain.clips.clip import Motion
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import (
    ClipBusy,
    Conflict,
    FreeClipPaused,
    FreeClipUsed,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    PhotoUnusable,
    ReferenceMismatch,
    RegenerationLimit,
)
from echoes.domain.identifiers import ClipId, OwnerId
from echoes.domain.uploads import UploadState
from tests.support.clip_harness import ClipHarness
from tests.support.factories import an_id, an_owner, an_upload


def test_an_order_answers_before_any_provider_is_called() -> None:
    """AJ1: pending, with defaults for what the client left open."""
    harness = ClipHarness()

    clip = harness.order()

    assert clip.attempt.status is ClipStatus.PENDING
    assert (clip.motion, clip.ratio, clip.duration_seconds) == (Motion.AUTO, Ratio.LANDSCAPE, 5)
    assert harness.provider.offers.total() == 0
    assert harness.ledger_store.account(harness.owner).held == 1


def test_the_same_order_again_is_the_same_clip() -> None:
    """An order repeated costs nothing and makes nothing."""
    harness = ClipHarness()
    request = harness.request()

    assert harness.order_clip(request) == harness.order_clip(request)
    assert harness.ledger_store.account(harness.owner).held == 1
    assert len(harness.workflow_store.started) == 1
    with pytest.raises(ReferenceMismatch):
        harness.order_clip(replace(request, upload_id=harness.upload_of(harness.owner).upload_id))


def test_fifty_orders_on_one_credit_make_one_clip() -> None:
    """CR4: one is accepted, 49 are told what is missing, and none gets a conflict."""
    harness = ClipHarness(credits_=1)

    def order(_: int) -> object:
        try:
            return harness.order()
        except InsufficientCredits as error:
            return error

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(order, range(50)))

    refused = [answer for answer in answers if isinstance(answer, InsufficientCredits)]
    assert len(refused) == 49
    assert {(error.required, error.available) for error in refused} == {(1, 0)}
    assert len(harness.clips_store.all()) == 1
    harness.come_to_rest()
    harness.check()
    assert harness.ledger_store.account(harness.owner).available == 0
    assert harness.provider.made.total() == 1


def test_fifty_orders_on_fifty_credits_all_come_through() -> None:
    """Contention alone refuses no request."""
    harness = ClipHarness(credits_=50)

    with ThreadPoolExecutor(8) as pool:
        clips = list(pool.map(lambda _: harness.order(), range(50)))

    assert len({clip.clip_id for clip in clips}) == 50
    assert harness.ledger_store.account(harness.owner).held == 50


def test_who_was_slower_tries_again_and_not_for_ever() -> None:
    """Eleven conflicts in a row are retried; the twelfth is raised, and nothing is held."""
    harness = ClipHarness()
    harness.ledger_store.inject(Fault.CONFLICT, 11)
    assert harness.order()

    harness.ledger_store.inject(Fault.CONFLICT, 12)
    with pytest.raises(Conflict):
        harness.order()
    assert harness.ledger_store.account(harness.owner).held == 1


@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.LOST_REPLY, Fault.TORN_READ])
def test_a_settlement_survives_what_a_ledger_may_do(fault: Fault) -> None:
    """Conflict, a lost answer, reads of two moments: captured once all the same."""
    harness = ClipHarness()
    clip = harness.order()
    harness.carry_all(stop=lambda: harness.clip(clip).attempt.media is not None)
    harness.gate.look = lambda: None  # it would see the faults, too
    harness.ledger_store.inject(fault, 3)

    harness.come_to_rest()

    harness.ledger_store.recover()
    assert harness.clip(clip).attempt.status is ClipStatus.COMPLETED
    harness.check()


def test_the_same_order_in_parallel_is_one_clip() -> None:
    """Two tabs, one key, one clip."""
    harness = ClipHarness()
    request = harness.request()

    with ThreadPoolExecutor(8) as pool:
        clips = list(pool.map(harness.order_clip, [request] * 16))

    assert len({clip.clip_id for clip in clips}) == 1
    assert harness.ledger_store.account(harness.owner).held == 1


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"duration_seconds": 11}, InvalidRequest),
        ({"seed": -1}, InvalidRequest),
        ({"prompt": "😀" * 501}, InvalidRequest),
        ({"upload_id": "nobody's"}, NotFound),
    ],
)
def test_a_request_that_cannot_be_met_changes_nothing(
    changes: dict[str, object], refusal: type[Exception]
) -> None:
    """Refused before anything is held."""
    harness = ClipHarness()

    with pytest.raises(refusal):
        harness.order(**changes)
    assert harness.ledger_store.account(harness.owner).held == 0


@pytest.mark.parametrize(
    ("state", "refusal"),
    [(UploadState.WAITING, InvalidRequest), (UploadState.REJECTED, PhotoUnusable)],
)
def test_only_a_ready_photo_can_be_animated(state: UploadState, refusal: type[Exception]) -> None:
    """A missing photo and an unusable file are named as such."""
    harness = ClipHarness()
    upload = an_upload(owner_id=harness.owner, state=state, reason="corrupt")
    harness.uploads_store.add([upload])

    with pytest.raises(refusal):
        harness.order(upload_id=upload.upload_id)


def test_an_order_whose_workflow_cannot_start_is_started_by_the_sweep() -> None:
    """The client is answered all the same, and a minute later the clip is under way."""
    harness = ClipHarness()
    harness.workflow_store.unavailable = True
    clip = harness.order()
    harness.workflow_store.unavailable = False

    report = harness.sweep()
    harness.come_to_rest()

    assert report.started == 1
    assert harness.clip(clip).attempt.status is ClipStatus.COMPLETED


def a_guest(harness: ClipHarness) -> OwnerId:
    """Return a guest with a photo, who orders from now on."""
    guest = OwnerId(f"guest-{an_id()}")
    harness.owner, harness.upload, harness.initial = guest, harness.upload_of(guest), 0
    return guest


def test_a_guest_has_one_free_clip_and_it_keeps_its_watermark() -> None:
    """FF4, FF6: the second is refused, and the master is out of reach."""
    harness = ClipHarness()
    a_guest(harness)
    clip = harness.order(guest=True)
    harness.come_to_rest()

    link = harness.create_clip_download_link(clip.owner_id, clip.clip_id)
    assert link.watermarked
    assert b"preview.mp4" in (harness.media_store.follow(link.url) or b"")
    with pytest.raises(FreeClipUsed):
        harness.order(guest=True)
    with pytest.raises(FreeClipUsed):
        harness.regenerate_clip(clip.owner_id, clip.clip_id)


def test_a_free_clip_that_failed_may_be_tried_again() -> None:
    """A failure costs nothing, not even the free clip."""
    harness = ClipHarness()
    a_guest(harness)
    harness.provider.failure = ErrorCode.MODERATION_BLOCKED
    harness.order(guest=True)
    harness.come_to_rest()
    harness.provider.failure = None

    clip = harness.order(guest=True)
    harness.come_to_rest()

    assert harness.clip(clip).attempt.status is ClipStatus.COMPLETED


def test_free_clips_can_be_paused() -> None:
    """And a clip that was ordered before is still answered for."""
    harness = ClipHarness(free_clips=False)
    a_guest(harness)

    with pytest.raises(FreeClipPaused):
        harness.order(guest=True)


def test_three_regenerations_and_no_fourth() -> None:
    """ER2: each has its own hold, its own task and its own seed."""
    harness = ClipHarness(credits_=9)
    clip = harness.order()
    harness.come_to_rest()
    seeds = {harness.clip(clip).attempt_seed}
    for _ in range(3):
        harness.regenerate_clip(clip.owner_id, clip.clip_id)
        with pytest.raises(ClipBusy):
            harness.regenerate_clip(clip.owner_id, clip.clip_id)
        harness.come_to_rest()
        seeds.add(harness.clip(clip).attempt_seed)

    with pytest.raises(RegenerationLimit):
        harness.regenerate_clip(clip.owner_id, clip.clip_id)
    harness.check()
    assert len(seeds) == 4
    assert harness.ledger_store.account(harness.owner).available == 5


def test_a_failed_regeneration_takes_nothing_away() -> None:
    """What was paid for before can still be seen and downloaded."""
    harness = ClipHarness()
    clip = harness.order()
    harness.come_to_rest()
    harness.provider.failure = ErrorCode.GENERATION_FAILED
    harness.regenerate_clip(clip.owner_id, clip.clip_id)
    harness.come_to_rest()

    assert harness.clip(clip).attempt.status is ClipStatus.FAILED
    assert not harness.create_clip_download_link(clip.owner_id, clip.clip_id).watermarked
    assert harness.view_clip(clip.owner_id, clip.clip_id).preview_url is not None
    harness.check()


def test_a_paid_clip_is_downloaded_clean_for_an_hour() -> None:
    """SE4: 200 at 3,599 s, refused at 3,601."""
    harness = ClipHarness()
    clip = harness.order()
    with pytest.raises(ClipBusy):
        harness.create_clip_download_link(clip.owner_id, clip.clip_id)
    harness.come_to_rest()

    link = harness.create_clip_download_link(clip.owner_id, clip.clip_id)
    assert not link.watermarked
    harness.clock.advance(timedelta(seconds=3599))
    assert b"master.mp4" in (harness.media_store.follow(link.url) or b"")
    harness.clock.advance(timedelta(seconds=2))
    assert harness.media_store.follow(link.url) is None


def test_a_clip_in_the_queue_is_cancelled_at_once() -> None:
    """The credits are back before the answer is."""
    harness = ClipHarness()
    clip = harness.order()

    cancelled = harness.cancel_clip(clip.owner_id, clip.clip_id)

    assert cancelled.attempt.stage is Stage.CANCELLED
    assert harness.ledger_store.account(harness.owner).available == 3
    harness.carry_all()
    assert harness.provider.offers.total() == 0
    assert harness.cancel_clip(clip.owner_id, clip.clip_id) == cancelled
    harness.check()


def test_a_deleted_clip_is_gone_with_its_files() -> None:
    """And what is being made cannot be deleted."""
    harness = ClipHarness()
    clip = harness.order()
    with pytest.raises(ClipBusy):
        harness.delete_clip(clip.owner_id, clip.clip_id)
    harness.come_to_rest()

    harness.delete_clip(clip.owner_id, clip.clip_id)

    assert not harness.media_store.files
    with pytest.raises(NotFound):
        harness.view_clip(clip.owner_id, clip.clip_id)


def test_nobody_sees_the_clip_of_somebody_else() -> None:
    """SE2: it is not there."""
    harness = ClipHarness()
    clip = harness.order()

    for look in (
        harness.view_clip,
        harness.create_clip_download_link,
        harness.cancel_clip,
        harness.regenerate_clip,
    ):
        with pytest.raises(NotFound):
            look(an_owner(), ClipId(clip.clip_id))
