"""The ledger comes to rest, and one owner's contention does not affect others."""

import random
from dataclasses import dataclass
from datetime import timedelta

import pytest

from dev.fakes.clock import FakeClock
from dev.fakes.credits import Fault, InMemoryLedger
from echoes.application.ports.credits import Alongside
from echoes.application.retries import LONGEST_SECONDS, MAX_TRIES, retry_on_conflict
from echoes.domain.credits.accounts import Posting
from echoes.domain.credits.entries import Entry, EntryType
from echoes.domain.credits.postings import grant
from echoes.domain.errors import Conflict
from echoes.domain.identifiers import Credits, OwnerId
from tests.support.clip_harness import Blow, ClipHarness
from tests.support.factories import NOON, an_id

ADA, BOB = OwnerId("ada"), OwnerId("bob")
SEEDS = range(20)
LONGEST_WAIT = timedelta(hours=2)
"""Twelve sweeps, ten minutes apart."""


class HotAccount(InMemoryLedger):
    """A ledger where another writer always changes *hot* just before us."""

    def __init__(self, hot: OwnerId) -> None:
        super().__init__()
        self.hot = hot
        self.tries: dict[OwnerId, int] = {}

    def post(self, posting: Posting, *, alongside: Alongside | None = None) -> Entry:
        owner = posting.entry.owner_id
        self.tries[owner] = self.tries.get(owner, 0) + 1
        if owner == self.hot:
            raise Conflict("another request changed this first")
        return super().post(posting, alongside=alongside)


@dataclass
class Pauses:
    """A clock that notes how long it was slept on."""

    clock: FakeClock
    slept: list[float]

    def now(self) -> object:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.sleep(seconds)


def give(ledger: InMemoryLedger, owner: OwnerId, clock: Pauses, chance: random.Random) -> Entry:
    reference = an_id()

    def once() -> Entry:
        return ledger.post(
            grant(
                ledger.account(owner),
                type=EntryType.PURCHASE,
                reference=reference,
                amount=Credits(1),
                at=NOON,
                actor=owner,
            )
        )

    return retry_on_conflict(once, clock=clock, chance=chance.random)  # type: ignore[arg-type]  # a clock that notes


@pytest.mark.parametrize("seed", SEEDS)
def test_one_owners_contention_does_not_delay_another(seed: int) -> None:
    """L20: the hot account is given up after bounded, jittered tries; the other needs just one."""
    ledger, clock = HotAccount(ADA), Pauses(FakeClock(), [])
    chance = random.Random(seed)
    for _ in range(5):
        with pytest.raises(Conflict):
            give(ledger, ADA, clock, chance)
        waited = len(clock.slept)
        give(ledger, BOB, clock, chance)
        assert len(clock.slept) == waited, "the other owner waited"
    assert ledger.tries == {ADA: 5 * MAX_TRIES, BOB: 5}
    assert max(clock.slept) <= LONGEST_SECONDS
    assert sum(clock.slept) / 5 <= (MAX_TRIES - 1) * LONGEST_SECONDS


def test_losers_do_not_come_again_in_step() -> None:
    """L20: full jitter; fifty losers of one round spread over the next instead of meeting again."""
    firsts = []
    for seed in range(50):
        clock = Pauses(FakeClock(), [])
        with pytest.raises(Conflict):
            give(HotAccount(ADA), ADA, clock, random.Random(seed))
        firsts.append(clock.slept[6])
    assert len({round(pause, 3) for pause in firsts}) > 45
    assert min(firsts) < LONGEST_SECONDS / 10
    assert max(firsts) > LONGEST_SECONDS * 9 / 10


@pytest.mark.parametrize("seed", SEEDS)
def test_when_faults_stop_every_hold_and_clip_comes_to_its_end(seed: int) -> None:
    """L19: two hours after any faults, nothing is open and everything adds up."""
    chance = random.Random(seed)
    harness = ClipHarness(credits_=9, correlates=chance.random() < 0.5)
    for _ in range(chance.randint(1, 4)):
        harness.gate.strike(chance.randrange(12), chance.choice(list(Blow)))
        harness.ledger_store.inject(chance.choice([Fault.CONFLICT, Fault.THROTTLED]))
        try:
            harness.order()
            harness.carry_all(stop=lambda: chance.random() < 0.1)
        except BaseException as struck:  # a killed process is one of the blows
            if isinstance(struck, AssertionError | KeyboardInterrupt):
                raise
    harness.gate.lift()
    harness.ledger_store.recover()
    began = harness.clock.now()
    harness.come_to_rest()
    assert harness.at_rest(), seed
    assert harness.clock.now() - began <= LONGEST_WAIT
    account = harness.ledger_store.account(harness.owner)
    assert (account.held, account.debt) == (0, 0)
