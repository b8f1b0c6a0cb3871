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
from tests.support.rewards_world import RewardsWorld

DAY = timedelta(days=1)


@pytest.fixture
def world() -> RewardsWorld:
    return RewardsWorld()


def test_the_first_share_of_a_day_is_rewarded(world: RewardsWorld) -> None:
    """RF1, L15: the second of the day is not, that of the next day is."""
    owner = an_owner()
    first = world.share(owner)
    assert first is not None
    assert (first.type, first.kind) == (EntryType.SHARE, EntryKind.GRANT)
    assert first.reference == f"{owner}#2026-01-01"
    assert world.share(owner) is None
    world.age(DAY)
    assert world.share(owner) is not None
    assert world.balance(owner) == 2 * RULES.share_credits


def test_the_rule_alone_decides(world: RewardsWorld) -> None:
    """L15: the tally in, the tally with one more out, or nothing; no store is asked."""
    owner, at = an_owner(), world.clock.now()
    first = share_reward(RewardTally(owner_id=owner), at=at)
    assert first is not None
    assert (first.shares, first.shared_on, first.version) == (1, f"{at:%Y-%m-%d}", 1)
    assert share_reward(first, at=at) is None
    assert share_reference(owner, at=at) == f"{owner}#{first.shared_on}"
    assert share_reward(replace(first, shares=RULES.shares_ever), at=at + DAY) is None


def test_a_day_ends_at_midnight_utc(world: RewardsWorld) -> None:
    """The slot is a date, not a pause: people need not count hours."""
    owner = an_owner()
    world.share(owner)
    world.age(timedelta(hours=11, minutes=59, seconds=59))
    assert world.share(owner) is None
    world.age(timedelta(seconds=1))
    assert world.share(owner) is not None


def test_thanks_end(world: RewardsWorld) -> None:
    """L15: the cap for life."""
    owner = an_owner()
    for _ in range(RULES.shares_ever + 3):
        world.share(owner)
        world.age(DAY)
    assert world.balance(owner) == RULES.shares_ever * RULES.share_credits


def test_everybody_has_a_day_of_their_own(world: RewardsWorld) -> None:
    """The guard is global, its slot is not."""
    assert world.share(an_owner()) is not None
    assert world.share(an_owner()) is not None


def test_many_shares_at_once_are_one_reward(world: RewardsWorld) -> None:
    """L15: parallel calls meet the guard or the tally."""
    owner = an_owner()
    with ThreadPoolExecutor(8) as pool:
        share: Callable[[int], object] = lambda _: world.share(owner)  # noqa: E731  # one line
        list(pool.map(share, range(32)))
    assert world.balance(owner) == RULES.share_credits
    assert world.rewards.tally(owner).shares == 1
    assert_books_are_right(world.ledger, owner)


def test_a_lost_answer_is_not_a_second_reward(world: RewardsWorld) -> None:
    """L6: asked again, the day is found to be used."""
    owner = an_owner()
    assert isinstance(world.ledger, InMemoryLedger)
    world.ledger.inject(Fault.LOST_REPLY)
    with pytest.raises(Unavailable):
        world.share(owner)
    assert world.share(owner) is None
    assert len(all_entries(world.ledger, owner)) == 1
