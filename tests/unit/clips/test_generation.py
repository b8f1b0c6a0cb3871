"""From the queue to the end, good or bad: the outcome for clip, credits and provider."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dev.fakes.providers import OfferFault
from dev.fakes.state_machine import busy
from echoes.application.generation.begin_attempt import HOLD_LIFETIME
from echoes.application.ports.providers import Cancelling
from echoes.domain.clips.attempts import ClipStatus, Stage
from echoes.domain.clips.clip import ref
from echoes.domain.credits.accounts import HoldStatus
from echoes.domain.credits.holds import place_hold
from echoes.domain.error_catalogue import CATALOGUE, ErrorCode
from echoes.domain.errors import AttemptEnded, ProviderBusy, SubmissionUnknown
from echoes.domain.identifiers import ClipId, Credits, HoldId, OwnerId
from tests.support.clip_harness import OTHER, ClipHarness
from tests.support.factories import an_id


def test_the_happy_road_takes_few_transitions() -> None:
    """≤ 20 transitions, the master in our bucket before it is completed (AJ8), one capture."""
    harness = ClipHarness()
    clip = harness.order()

    (end,) = harness.carry_all()

    assert end.succeeded
    assert end.states[0] == "Submit"
    assert end.states[-1] == "SettleCompleted"
    assert len(end.states) <= 20
    attempt = harness.clip(clip).attempt
    assert (attempt.status, attempt.stage, attempt.progress) == (
        ClipStatus.COMPLETED,
        Stage.DONE,
        1.0,
    )
    assert attempt.provider_cost == 25
    assert harness.latencies.recent("runway", 5)
    harness.check()


def test_a_clip_of_busy_functions_queues() -> None:
    """No function has room for a quarter of an hour: the task is paid for once, and comes home."""
    harness = ClipHarness()
    clip = harness.order()
    harness.tasks = {name: busy(task, calls=20) for name, task in harness.tasks.items()}

    (end,) = harness.carry_all()

    assert end.succeeded
    assert harness.clip(clip).attempt.status is ClipStatus.COMPLETED
    harness.check()


def test_progress_is_seen_and_never_goes_back() -> None:
    """AJ2: the task's id is stored with ``processing``; progress only moves forward."""
    harness = ClipHarness()
    harness.provider.run_seconds = 120
    clip = harness.order()
    seen = []
    harness.gate.look = lambda: seen.append(harness.clip(clip).attempt)

    harness.carry_all()

    shares = [attempt.progress for attempt in seen]
    assert shares == sorted(shares)
    assert len(set(shares)) > 4
    for attempt in seen:
        pending = attempt.status is ClipStatus.PENDING
        assert pending == (attempt.provider_task_id is None)


@pytest.mark.parametrize(
    "code",
    [
        ErrorCode.MODERATION_BLOCKED,
        ErrorCode.GENERATION_FAILED,
        ErrorCode.PROVIDER_UNAVAILABLE,
        ErrorCode.PHOTO_UNREADABLE,
    ],
)
def test_a_failed_task_gives_the_credits_back_and_says_why(code: ErrorCode) -> None:
    """AJ4: the text is the catalogue's, and free of the provider's own codes."""
    harness = ClipHarness()
    harness.provider.failure = code
    clip = harness.order()

    (end,) = harness.carry_all()

    attempt = harness.clip(clip).attempt
    assert end.succeeded, "a clip that fails is no accident of the workflow"
    assert (attempt.status, attempt.error_code) == (ClipStatus.FAILED, code)
    assert attempt.completed_at is not None
    assert CATALOGUE[code].title
    harness.check()


def test_a_refusal_at_the_door_is_told_like_a_failure() -> None:
    """Moderated before it was taken: not offered again, credits back."""
    harness = ClipHarness()
    harness.provider.offer_faults.append(OfferFault.REFUSED)
    clip = harness.order()

    harness.carry_all()

    assert harness.clip(clip).attempt.error_code is ErrorCode.MODERATION_BLOCKED
    assert harness.provider.offers.total() == 1
    harness.check()


@pytest.mark.parametrize("fault", [OfferFault.LOST_REPLY, OfferFault.LOST_REQUEST])
def test_a_lost_answer_is_never_answered_by_a_second_offer(fault: OfferFault) -> None:
    """AJ3: one offer, a while of doubt, and then the credits come back."""
    harness = ClipHarness()
    harness.provider.offer_faults.append(fault)
    clip = harness.order()

    (end,) = harness.carry_all()

    assert {"Doubt", "Reconcile", "SettleFailed"} <= set(end.states)
    assert harness.provider.offers.total() == 1
    assert harness.clip(clip).attempt.error_code is ErrorCode.PROVIDER_UNAVAILABLE
    harness.check()


def test_in_doubt_the_owner_is_told_so() -> None:
    """The stage is ``submit_unknown`` while it is unknown."""
    harness = ClipHarness()
    harness.provider.offer_faults.append(OfferFault.LOST_REPLY)
    clip = harness.order()

    with pytest.raises(SubmissionUnknown):
        harness.submit_clip(ref(clip))
    assert harness.clip(clip).attempt.stage is Stage.SUBMIT_UNKNOWN
    with pytest.raises(SubmissionUnknown):
        harness.submit_clip(ref(clip))
    assert harness.provider.offers.total() == 1


def test_a_provider_that_recognises_the_attempt_is_offered_it_again() -> None:
    """With correlation a lost answer is no danger: same task, clip made."""
    harness = ClipHarness(correlates=True)
    harness.provider.offer_faults.append(OfferFault.LOST_REPLY)
    clip = harness.order()

    harness.carry_all()

    assert harness.clip(clip).attempt.status is ClipStatus.COMPLETED
    assert harness.provider.made.total() == 1
    harness.check()


def test_an_answer_found_late_ends_the_doubt() -> None:
    """The first call was only slow: the second one doubts, and is proved wrong."""
    harness = ClipHarness()
    clip = harness.order()
    offer = harness.provider.generate_clip

    def slow_offer(order: object) -> object:
        task_id = offer(order)  # type: ignore[arg-type]  # passed through
        with pytest.raises(SubmissionUnknown):
            harness.submit_clip(ref(clip))
        return task_id

    harness.provider.generate_clip = slow_offer  # type: ignore[method-assign, assignment]
    harness.carry_all()

    assert harness.provider.made.total() == 1
    assert harness.clip(clip).attempt.status is ClipStatus.COMPLETED
    harness.check()


def test_a_busy_provider_is_offered_the_work_again_later() -> None:
    """It certainly did not take it: back to the queue, and tried again."""
    harness = ClipHarness()
    harness.provider.offer_faults.extend([OfferFault.BUSY] * 3)
    clip = harness.order()

    with pytest.raises(ProviderBusy):
        harness.submit_clip(ref(clip))
    assert harness.clip(clip).attempt.stage is Stage.QUEUED
    harness.carry_all()

    assert harness.clip(clip).attempt.status is ClipStatus.COMPLETED
    harness.check()


def test_a_provider_busy_for_long_gives_the_credits_back() -> None:
    """Without another provider the wait ends with an apology."""
    harness = ClipHarness()
    harness.provider.offer_faults.extend([OfferFault.BUSY] * 20)
    clip = harness.order()

    harness.carry_all()

    assert harness.clip(clip).attempt.error_code is ErrorCode.PROVIDER_UNAVAILABLE
    harness.check()


@pytest.mark.parametrize("refused", [False, True])
def test_the_other_provider_makes_what_the_first_does_not_take(*, refused: bool) -> None:
    """By configuration: busy for long, or our account there is refused."""
    harness = ClipHarness(fallback=True)
    harness.provider.refusal = ErrorCode.PROVIDER_UNAVAILABLE
    fault = OfferFault.REFUSED if refused else OfferFault.BUSY
    harness.provider.offer_faults.extend([fault] * 20)
    clip = harness.order()

    (end,) = harness.carry_all()

    attempt = harness.clip(clip).attempt
    assert "FallBack" in end.states
    assert (attempt.provider, attempt.status) == (OTHER, ClipStatus.COMPLETED)
    assert harness.provider.made.total() == 0
    harness.check()


def test_in_doubt_there_is_no_falling_back() -> None:
    """A clip that may be under way at one provider is not given to another."""
    harness = ClipHarness(fallback=True)
    harness.provider.offer_faults.append(OfferFault.LOST_REPLY)
    harness.order()

    harness.carry_all()

    assert harness.other.offers.total() == 0
    harness.check()


def cancel_when_submitted(harness: ClipHarness) -> Callable[[], bool]:
    """Return a hook that cancels as soon as the provider has the work."""

    def hook() -> bool:
        for clip in harness.clips_store.all():
            if clip.attempt.stage is Stage.ANIMATING and not clip.attempt.cancel_requested:
                harness.cancel_clip(clip.owner_id, clip.clip_id)
        return False

    return hook


def test_cancelling_what_waits_at_the_provider_costs_nothing() -> None:
    """Queued there: cancelled there, and the credits are back with the right text."""
    harness = ClipHarness()
    harness.provider.queued_seconds = 600
    clip = harness.order()

    harness.carry_all(stop=cancel_when_submitted(harness))

    attempt = harness.clip(clip).attempt
    assert (attempt.error_code, attempt.stage) == (ErrorCode.CLIP_CANCELLED, Stage.CANCELLED)
    assert all(task.cancelled for task in harness.provider.tasks.values())
    harness.check()


def test_cancelling_what_runs_is_too_late() -> None:
    """The provider would charge all the same, so the clip is made, and kept."""
    harness = ClipHarness()
    clip = harness.order()

    harness.carry_all(stop=cancel_when_submitted(harness))

    attempt = harness.clip(clip).attempt
    assert attempt.cancel_requested
    assert attempt.status is ClipStatus.COMPLETED
    harness.check()


def test_where_running_work_can_be_cancelled_it_is() -> None:
    """What a provider allows decides, not who it is."""
    harness = ClipHarness()
    harness.provider._cancelling = Cancelling.ALWAYS
    clip = harness.order()

    harness.carry_all(stop=cancel_when_submitted(harness))

    assert harness.clip(clip).attempt.error_code is ErrorCode.CLIP_CANCELLED
    harness.check()


@pytest.mark.parametrize(("queued", "run"), [(0.0, 90_000.0), (90_000.0, 1.0)])
def test_a_task_that_never_ends_is_given_up(queued: float, run: float) -> None:
    """Two deadlines, one before it runs and one after; few polls; credits back."""
    harness = ClipHarness()
    harness.provider.queued_seconds, harness.provider.run_seconds = queued, run
    harness.provider.throttled = True
    clip = harness.order()

    (end,) = harness.carry_all()

    assert harness.clip(clip).attempt.error_code is ErrorCode.PROVIDER_UNAVAILABLE
    assert end.states.count("Poll") < 300
    harness.check()


def test_a_clip_throttled_for_an_hour_is_still_made() -> None:
    """Twenty clips at a tier of one: none fails for waiting."""
    harness = ClipHarness()
    harness.provider.queued_seconds, harness.provider.throttled = 3600, True
    clip = harness.order()

    (end,) = harness.carry_all()

    assert harness.clip(clip).attempt.status is ClipStatus.COMPLETED
    assert end.states.count("Poll") < 110
    harness.check()


def test_an_expired_address_is_asked_for_again() -> None:
    """The result is fetched a little later."""
    harness = ClipHarness()
    harness.provider.result_gone = 2
    clip = harness.order()

    harness.carry_all()

    assert harness.clip(clip).attempt.status is ClipStatus.COMPLETED
    harness.check()


@pytest.mark.parametrize("lost", ["gone", "unusable"])
def test_a_result_that_cannot_be_used_is_a_failure(lost: str) -> None:
    """What is not in our bucket is not completed, and not paid."""
    harness = ClipHarness()
    harness.provider.result_gone = 99 if lost == "gone" else 0
    harness.provider.result_unusable = lost == "unusable"
    clip = harness.order()

    harness.carry_all()

    assert harness.clip(clip).attempt.error_code is ErrorCode.GENERATION_FAILED
    assert not harness.media_store.files
    harness.check()


def test_a_stored_result_is_completed_by_any_caller() -> None:
    """The execution dies between finishing and settling: the clip is there, and is captured."""
    harness = ClipHarness()
    clip = harness.order()
    harness.carry_all(stop=lambda: harness.clip(clip).attempt.media is not None)

    assert not harness.clip(clip).attempt.ended
    harness.come_to_rest()

    assert harness.clip(clip).attempt.status is ClipStatus.COMPLETED
    harness.check()


def test_a_stopped_execution_gives_the_credits_back_once() -> None:
    """Rule and sweep may both come; and a late completion changes nothing (AJ4, AJ7)."""
    harness = ClipHarness()
    clip = harness.order()
    harness.carry_all(stop=lambda: harness.clip(clip).attempt.stage is Stage.ANIMATING)

    first = harness.settle_stopped(ref(clip))
    again = harness.settle_stopped(ref(clip))
    late = harness.settle_clip(ref(clip))

    assert (first.first, again.first, late.first) == (True, False, False)
    assert harness.clip(clip).attempt.error_code is ErrorCode.GENERATION_FAILED
    with pytest.raises(AttemptEnded):
        harness.finish_clip(ref(clip))
    harness.check()


def test_an_execution_that_never_ends_is_stopped_by_the_sweep() -> None:
    """Older than any attempt may get: stopped, and paid back."""
    harness = ClipHarness()
    clip = harness.order()
    harness.clock.advance(timedelta(hours=4))

    report = harness.sweep()

    assert (report.stopped, report.settled) == (1, 1)
    assert harness.clip(clip).attempt.error_code is ErrorCode.PROVIDER_UNAVAILABLE
    harness.check()


def test_the_sweep_leaves_alone_what_is_under_way() -> None:
    """It looks, and comes back ten minutes later."""
    harness = ClipHarness()
    clip = harness.order()

    first, second = harness.sweep(), harness.sweep_clips()

    assert (first.seen, first.settled, second.seen) == (1, 0, 0)
    assert not harness.clip(clip).attempt.ended


def test_a_clip_nobody_can_read_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its id is logged, its hold kept; others are settled, and orphaned holds released."""
    harness = ClipHarness(credits_=3)
    bad, good = harness.order(), harness.order()
    lost = HoldId(an_id())
    ledger, at = harness.ledger_store, harness.clock.now()
    held = place_hold(
        ledger.account(harness.owner), hold_id=lost, amount=Credits(1), expires_at=at, at=at
    )
    ledger.post(held)
    harness.clock.advance(timedelta(hours=4))
    read = harness.clips_store.get

    def fails(owner_id: OwnerId, clip_id: ClipId) -> object:
        if clip_id == bad.clip_id:
            raise ValueError("'of-tomorrow' is not a valid word")
        return read(owner_id, clip_id)

    monkeypatch.setattr(harness.clips_store, "get", fails)
    report = harness.sweep()

    told = {error.about for error in report.unexpected}
    assert bad.clip_id in told <= {bad.clip_id, bad.attempt.hold_id}
    assert set(report.errors) == {"ValueError"}
    assert harness.clip(good).attempt.error_code is ErrorCode.PROVIDER_UNAVAILABLE
    kept, returned = ledger.hold(bad.attempt.hold_id), ledger.hold(lost)
    assert kept is not None
    assert returned is not None
    assert (kept.status, returned.status) == (HoldStatus.OPEN, HoldStatus.RELEASED)


def test_holds_are_returned_although_attempts_cannot_be_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the round says that something was wrong."""
    harness = ClipHarness(credits_=3)
    clip = harness.order()

    def fails(**_: object) -> object:
        raise ValueError("unknown index")

    monkeypatch.setattr(harness.clips_store, "due", fails)
    harness.clock.advance(HOLD_LIFETIME)
    report = harness.sweep()
    assert report.errors == ["ValueError"]
    assert harness.clip(clip).attempt.ended
    harness.check()


def test_a_photo_swapped_after_it_was_opened_is_not_animated() -> None:
    """U9: the form outlives the opening; what was found good is what is sent, or nothing."""
    harness = ClipHarness()
    harness.photos_store.write(
        harness.upload.photo_key, b"another photo", content_type="image/jpeg"
    )
    clip = harness.order()

    harness.carry_all()

    attempt = harness.clip(clip).attempt
    assert (attempt.status, attempt.error_code) == (ClipStatus.FAILED, ErrorCode.PHOTO_UNREADABLE)
    assert not harness.provider.tasks
    harness.check()
