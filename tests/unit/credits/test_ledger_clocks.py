"""Clocks that disagree: the order of the ledger is that of its numbers, never that of its times."""

import random
from datetime import timedelta

import pytest

from dev.fakes.credits import InMemoryLedger
from echoes.application.generation.begin_attempt import HOLD_LIFETIME
from echoes.domain.credits.entries import EntryType
from echoes.domain.credits.holds import capture, place_hold, release
from echoes.domain.credits.postings import grant
from echoes.domain.identifiers import Credits, HoldId
from tests.support.factories import NOON, an_id, an_owner
from tests.support.ledger_books import assert_books_are_right

SKEW = timedelta(minutes=10)
OPERATIONS = 60


@pytest.mark.parametrize("seed", range(8))
def test_clocks_ten_minutes_apart_change_nothing(seed: int) -> None:
    """L3: writers whose clocks are off by up to ten minutes leave gapless, sealed books."""
    chance = random.Random(seed)
    ledger, owner = InMemoryLedger(), an_owner()
    holds: list[HoldId] = []
    for _ in range(OPERATIONS):
        at = NOON + SKEW * chance.uniform(-1, 1)
        account = ledger.account(owner)
        open_hold = ledger.hold(chance.choice(holds)) if holds and chance.random() < 0.4 else None
        if open_hold is not None and open_hold.settled_seq is None:
            settle = chance.choice([capture, release])
            ledger.post(settle(account, open_hold, at=at))
        elif account.available:
            hold_id = HoldId(an_id())
            posting = place_hold(
                account, hold_id=hold_id, amount=Credits(1), expires_at=at + HOLD_LIFETIME, at=at
            )
            ledger.post(posting)
            holds.append(hold_id)
        else:
            ledger.post(
                grant(
                    account,
                    type=EntryType.PURCHASE,
                    reference=an_id(),
                    amount=Credits(5),
                    at=at,
                    actor="test",
                )
            )
    assert_books_are_right(ledger, owner, holds)


def test_a_fast_clock_returns_no_hold_that_is_in_use() -> None:
    """L9: a sweeper ten minutes ahead still finds nothing to return before a hold has expired."""
    ledger, owner, hold_id = InMemoryLedger(), an_owner(), HoldId(an_id())
    ledger.post(
        grant(
            ledger.account(owner),
            type=EntryType.PURCHASE,
            reference=an_id(),
            amount=Credits(1),
            at=NOON,
            actor="test",
        )
    )
    expires_at = NOON + HOLD_LIFETIME
    account = ledger.account(owner)
    ledger.post(
        place_hold(account, hold_id=hold_id, amount=Credits(1), expires_at=expires_at, at=NOON)
    )

    assert not ledger.open_holds(expired_at=NOON + SKEW, limit=10)
    [found] = ledger.open_holds(expired_at=expires_at + SKEW, limit=10)
    assert found.hold_id == hold_id
