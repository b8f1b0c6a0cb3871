"""Sharing: one reward a day, and so many in all. The rule, on the ledger that will keep it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from dev.fakes.credits import Fault, InMemoryLedger
from echoes.domain.credits.entries import EntryKind, EntryType
from echoes.domain.errors import Unavailable
from echoes.domain.rewards import RULES, RewardTally, share_reference, share_reward
from tests.support.factories import an_owner
from tests.support.ledger_books import all_entries, assert_books_are_right
from tests.support.rewards_harness import RewardsHarness

DAY = timedelta(days=1)


@pytest.fixture
def harness() -> RewardsHarness:
    return RewardsHarness()


def test_the_first_share_of_a_day_is_rewarded(harness: RewardsHarness) -> None:
    """RF1, L15: the second of the day is not, that of the next day is."""
    owner = an_owner()
    first = harness.share(owner)
    assert first is not None
    assert (first.type, first.kind) == (EntryType.SHARE, EntryKind.GRANT)
    assert first.reference == f"{owner}#2026-01-01"
    assert harness.share(owner) is None
    harness.age(DAY)
    assert harness.share(owner) is not None
    assert harness.balance(owner) == 2 * RULES.share_credits


def test_the_rule_alone_decides(harness: RewardsHarness) -> None:
    """L15: the tally in, the tally with one more out, or nothing; no store is asked."""
    owner, at = an_owner(), harness.clock.now()
    first = share_reward(RewardTally(owner_id=owner), at=at)
    assert first is not None
    assert (first.shares, first.shared_on, first.version) == (1, f"{at:%Y-%m-%d}", 1)
    assert share_reward(first, at=at) is None
    assert share_reference(owner, at=at) == f"{owner}#{first.shared_on}"
    assert share_reward(replace(first, shares=RULES.shares_ever), at=at + DAY) is None


def test_a_day_ends_at_midnight_utc(harness: RewardsHarness) -> None:
    """The slot is a date, not a pause: people need not count hours."""
    owner = an_owner()
    harness.share(owner)
    harness.age(timedelta(hours=11, minutes=59, seconds=59))
    assert harness.share(owner) is None
    harness.age(timedelta(seconds=1))
    assert harness.share(owner) is not None


def test_thanks_end(harness: RewardsHarness) -> None:
    """L15: the cap for life."""
    owner = an_owner()
    for _ in range(RULES.shares_ever + 3):
        harness.share(owner)
        harness.age(DAY)
    assert harness.balance(owner) == RULES.shares_ever * RULES.share_credits


def test_everybody_has_a_day_of_their_own(harness: RewardsHarness) -> None:
    """The guard is global, its slot is not."""
    assert harness.share(an_owner()) is not None
    assert harness.share(an_owner()) is not None


def test_many_shares_at_once_are_one_reward(harness: RewardsHarness) -> None:
    """L15: parallel calls meet the guard or the tally."""
    owner = an_owner()
    with ThreadPoolExecutor(8) as pool:
        share: Callable[[int], object] = lambda _: harness.share(owner)  # noqa: E731  # one line
        list(pool.map(share, range(32)))
    assert harness.balance(owner) == RULES.share_credits
    assert harness.rewards.tally(owner).shares == 1
    assert_books_are_right(harness.ledger, owner)


def test_a_lost_answer_is_not_a_second_reward(harness: RewardsHarness) -> None:
    """L6: asked again, the day is found to be used."""
    owner = an_owner()
    assert isinstance(harness.ledger, InMemoryLedger)
    harness.ledger.inject(Fault.LOST_REPLY)
    with pytest.raises(Unavailable):
        harness.share(owner)
    assert harness.share(owner) is None
    assert len(all_entries(harness.ledger, owner)) == 1
