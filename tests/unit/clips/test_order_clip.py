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
from tests.support.factories import an_id, an_owner, an_upload
from tests.support.generation_world import World


def test_an_order_answers_before_any_provider_is_called() -> None:
    """AJ1: pending, with defaults for what the client left open."""
    world = World()

    clip = world.order()

    assert clip.attempt.status is ClipStatus.PENDING
    assert (clip.motion, clip.ratio, clip.duration_seconds) == (Motion.AUTO, Ratio.LANDSCAPE, 5)
    assert world.provider.offers.total() == 0
    assert world.ledger_store.account(world.owner).held == 1


def test_the_same_order_again_is_the_same_clip() -> None:
    """An order repeated costs nothing and makes nothing."""
    world = World()
    request = world.request()

    assert world.order_clip(request) == world.order_clip(request)
    assert world.ledger_store.account(world.owner).held == 1
    assert len(world.workflow_store.started) == 1
    with pytest.raises(ReferenceMismatch):
        world.order_clip(replace(request, upload_id=world.upload_of(world.owner).upload_id))


def test_fifty_orders_on_one_credit_make_one_clip() -> None:
    """CR4: one is accepted, 49 are told what is missing, and none gets a conflict."""
    world = World(credits_=1)

    def order(_: int) -> object:
        try:
            return world.order()
        except InsufficientCredits as error:
            return error

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(order, range(50)))

    refused = [answer for answer in answers if isinstance(answer, InsufficientCredits)]
    assert len(refused) == 49
    assert {(error.required, error.available) for error in refused} == {(1, 0)}
    assert len(world.clips_store.all()) == 1
    world.come_to_rest()
    world.check()
    assert world.ledger_store.account(world.owner).available == 0
    assert world.provider.made.total() == 1


def test_fifty_orders_on_fifty_credits_all_come_through() -> None:
    """Contention alone refuses no request."""
    world = World(credits_=50)

    with ThreadPoolExecutor(8) as pool:
        clips = list(pool.map(lambda _: world.order(), range(50)))

    assert len({clip.clip_id for clip in clips}) == 50
    assert world.ledger_store.account(world.owner).held == 50


def test_who_was_slower_tries_again_and_not_for_ever() -> None:
    """Eleven conflicts in a row are retried; the twelfth is raised, and nothing is held."""
    world = World()
    world.ledger_store.inject(Fault.CONFLICT, 11)
    assert world.order()

    world.ledger_store.inject(Fault.CONFLICT, 12)
    with pytest.raises(Conflict):
        world.order()
    assert world.ledger_store.account(world.owner).held == 1


@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.LOST_REPLY, Fault.TORN_READ])
def test_a_settlement_survives_what_a_ledger_may_do(fault: Fault) -> None:
    """Conflict, a lost answer, reads of two moments: captured once all the same."""
    world = World()
    clip = world.order()
    world.carry_all(stop=lambda: world.clip(clip).attempt.media is not None)
    world.gate.look = lambda: None  # it would see the faults, too
    world.ledger_store.inject(fault, 3)

    world.come_to_rest()

    world.ledger_store.recover()
    assert world.clip(clip).attempt.status is ClipStatus.COMPLETED
    world.check()


def test_the_same_order_in_parallel_is_one_clip() -> None:
    """Two tabs, one key, one clip."""
    world = World()
    request = world.request()

    with ThreadPoolExecutor(8) as pool:
        clips = list(pool.map(world.order_clip, [request] * 16))

    assert len({clip.clip_id for clip in clips}) == 1
    assert world.ledger_store.account(world.owner).held == 1


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
    world = World()

    with pytest.raises(refusal):
        world.order(**changes)
    assert world.ledger_store.account(world.owner).held == 0


@pytest.mark.parametrize(
    ("state", "refusal"),
    [(UploadState.WAITING, InvalidRequest), (UploadState.REJECTED, PhotoUnusable)],
)
def test_only_a_ready_photo_can_be_animated(state: UploadState, refusal: type[Exception]) -> None:
    """A missing photo and an unusable file are named as such."""
    world = World()
    upload = an_upload(owner_id=world.owner, state=state, reason="corrupt")
    world.uploads_store.add([upload])

    with pytest.raises(refusal):
        world.order(upload_id=upload.upload_id)


def test_an_order_whose_workflow_cannot_start_is_started_by_the_sweep() -> None:
    """The client is answered all the same, and a minute later the clip is under way."""
    world = World()
    world.workflow_store.unavailable = True
    clip = world.order()
    world.workflow_store.unavailable = False

    report = world.sweep()
    world.come_to_rest()

    assert report.started == 1
    assert world.clip(clip).attempt.status is ClipStatus.COMPLETED


def a_guest(world: World) -> OwnerId:
    """Return a guest with a photo, who orders from now on."""
    guest = OwnerId(f"guest-{an_id()}")
    world.owner, world.upload, world.initial = guest, world.upload_of(guest), 0
    return guest


def test_a_guest_has_one_free_clip_and_it_keeps_its_watermark() -> None:
    """FF4, FF6: the second is refused, and the master is out of reach."""
    world = World()
    a_guest(world)
    clip = world.order(guest=True)
    world.come_to_rest()

    link = world.create_clip_download_link(clip.owner_id, clip.clip_id)
    assert link.watermarked
    assert b"preview.mp4" in (world.media_store.follow(link.url) or b"")
    with pytest.raises(FreeClipUsed):
        world.order(guest=True)
    with pytest.raises(FreeClipUsed):
        world.regenerate_clip(clip.owner_id, clip.clip_id)


def test_a_free_clip_that_failed_may_be_tried_again() -> None:
    """A failure costs nothing, not even the free clip."""
    world = World()
    a_guest(world)
    world.provider.failure = ErrorCode.MODERATION_BLOCKED
    world.order(guest=True)
    world.come_to_rest()
    world.provider.failure = None

    clip = world.order(guest=True)
    world.come_to_rest()

    assert world.clip(clip).attempt.status is ClipStatus.COMPLETED


def test_free_clips_can_be_paused() -> None:
    """And a clip that was ordered before is still answered for."""
    world = World(free_clips=False)
    a_guest(world)

    with pytest.raises(FreeClipPaused):
        world.order(guest=True)


def test_three_regenerations_and_no_fourth() -> None:
    """ER2: each has its own hold, its own task and its own seed."""
    world = World(credits_=9)
    clip = world.order()
    world.come_to_rest()
    seeds = {world.clip(clip).attempt_seed}
    for _ in range(3):
        world.regenerate_clip(clip.owner_id, clip.clip_id)
        with pytest.raises(ClipBusy):
            world.regenerate_clip(clip.owner_id, clip.clip_id)
        world.come_to_rest()
        seeds.add(world.clip(clip).attempt_seed)

    with pytest.raises(RegenerationLimit):
        world.regenerate_clip(clip.owner_id, clip.clip_id)
    world.check()
    assert len(seeds) == 4
    assert world.ledger_store.account(world.owner).available == 5


def test_a_failed_regeneration_takes_nothing_away() -> None:
    """What was paid for before can still be seen and downloaded."""
    world = World()
    clip = world.order()
    world.come_to_rest()
    world.provider.failure = ErrorCode.GENERATION_FAILED
    world.regenerate_clip(clip.owner_id, clip.clip_id)
    world.come_to_rest()

    assert world.clip(clip).attempt.status is ClipStatus.FAILED
    assert not world.create_clip_download_link(clip.owner_id, clip.clip_id).watermarked
    assert world.view_clip(clip.owner_id, clip.clip_id).preview_url is not None
    world.check()


def test_a_paid_clip_is_downloaded_clean_for_an_hour() -> None:
    """SE4: 200 at 3,599 s, refused at 3,601."""
    world = World()
    clip = world.order()
    with pytest.raises(ClipBusy):
        world.create_clip_download_link(clip.owner_id, clip.clip_id)
    world.come_to_rest()

    link = world.create_clip_download_link(clip.owner_id, clip.clip_id)
    assert not link.watermarked
    world.clock.advance(timedelta(seconds=3599))
    assert b"master.mp4" in (world.media_store.follow(link.url) or b"")
    world.clock.advance(timedelta(seconds=2))
    assert world.media_store.follow(link.url) is None


def test_a_clip_in_the_queue_is_cancelled_at_once() -> None:
    """The credits are back before the answer is."""
    world = World()
    clip = world.order()

    cancelled = world.cancel_clip(clip.owner_id, clip.clip_id)

    assert cancelled.attempt.stage is Stage.CANCELLED
    assert world.ledger_store.account(world.owner).available == 3
    world.carry_all()
    assert world.provider.offers.total() == 0
    assert world.cancel_clip(clip.owner_id, clip.clip_id) == cancelled
    world.check()


def test_a_deleted_clip_is_gone_with_its_files() -> None:
    """And what is being made cannot be deleted."""
    world = World()
    clip = world.order()
    with pytest.raises(ClipBusy):
        world.delete_clip(clip.owner_id, clip.clip_id)
    world.come_to_rest()

    world.delete_clip(clip.owner_id, clip.clip_id)

    assert not world.media_store.files
    with pytest.raises(NotFound):
        world.view_clip(clip.owner_id, clip.clip_id)


def test_nobody_sees_the_clip_of_somebody_else() -> None:
    """SE2: it is not there."""
    world = World()
    clip = world.order()

    for look in (
        world.view_clip,
        world.create_clip_download_link,
        world.cancel_clip,
        world.regenerate_clip,
    ):
        with pytest.raises(NotFound):
            look(an_owner(), ClipId(clip.clip_id))
