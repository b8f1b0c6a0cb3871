"""A clip has one price from quote to bill; a difference is reported."""

from dataclasses import replace

import pytest

from echoes.application.generation import settle_clip
from echoes.domain.clips import clip as clips
from echoes.domain.clips.clip import Clip, ref
from echoes.domain.clips.drift import Drift, DriftBetween, drift
from echoes.domain.credits import holds
from echoes.domain.credits.accounts import CreditAccount, Hold, Posting
from echoes.domain.identifiers import Credits
from echoes.tasks import generation
from echoes.tasks.metrics import log_drift
from tests.support.clip_harness import ClipHarness


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[DriftBetween]:
    """Return which price drifts were reported."""
    found: list[DriftBetween] = []

    def note(drift: Drift | None) -> None:
        if drift is not None:
            found.append(drift.between)

    monkeypatch.setattr(generation, "log_drift", note)
    return found


def carried(harness: ClipHarness, clip: Clip) -> None:
    harness.carry(ref(clip))


def test_prices_that_agree_are_silent(told: list[DriftBetween]) -> None:
    """The usual clip: quoted, held, captured and billed alike."""
    harness = ClipHarness()
    carried(harness, harness.order())
    assert told == []


def test_a_provider_that_charges_otherwise_is_told(told: list[DriftBetween]) -> None:
    """Its estimate is reported once, however often it is polled, and so is its bill."""
    harness = ClipHarness()
    harness.provider.cost = 26
    carried(harness, harness.order())
    assert told == [
        DriftBetween.TABLE_AND_ESTIMATE,
        DriftBetween.TABLE_AND_BILL,
    ]


def test_a_capture_of_other_credits_than_were_held_is_told(
    told: list[DriftBetween], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If code ever captures only part of a clip's price, operators see it."""
    right = holds.capture

    def half(account: CreditAccount, hold: Hold, *, at: object) -> Posting:
        return right(account, hold, at=at, cost=Credits(1))  # type: ignore[arg-type]  # a time

    monkeypatch.setattr(settle_clip, "capture", half)
    harness = ClipHarness()
    carried(harness, harness.order(duration_seconds=10))
    assert DriftBetween.HOLD_AND_CAPTURE in told


def test_a_hold_that_is_not_the_clips_price_is_told(
    told: list[DriftBetween], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was held is compared with what the clip says it costs."""
    right = clips.complete

    def dearer(clip: Clip, *rest: object, **named: object) -> Clip:
        ended = right(clip, *rest, **named)  # type: ignore[arg-type]  # handed on as they came
        return replace(ended, attempts=(replace(ended.attempt, credits=Credits(9)),))

    monkeypatch.setattr(settle_clip, "complete", dearer)
    harness = ClipHarness()
    carried(harness, harness.order())
    assert told == [DriftBetween.QUOTE_AND_HOLD]


def test_what_nobody_knows_is_no_drift() -> None:
    """A provider without a price list, or one that says nothing, rings no bell."""
    between = DriftBetween.TABLE_AND_BILL
    assert drift(between, expected=None, found=3) is None
    assert drift(between, expected=3, found=None) is None
    assert drift(between, expected=3, found=0) == Drift(between=between, expected=3, found=0)


def test_a_drift_is_one_metric(capsys: pytest.CaptureFixture[str]) -> None:
    """`PriceDrift`, from where an alarm takes it; nothing when prices agree."""
    log_drift(None)
    assert "PriceDrift" not in capsys.readouterr().out
    log_drift(Drift(between=DriftBetween.TABLE_AND_BILL, expected=25, found=50))
    assert '"PriceDrift":[1.0]' in capsys.readouterr().out
