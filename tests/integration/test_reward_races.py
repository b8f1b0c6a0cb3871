"""Rewards when many claim at once: the caps of L15 on DynamoDB."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from time import sleep
from typing import TypeVar

import pytest
from pynamodb.connection import Connection

from echoes.adapters.dynamodb.credits.adjustments import DynamoAdjustmentRequests
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.dynamodb.purchases.purchases import DynamoPurchases
from echoes.adapters.dynamodb.rewards import DynamoInvitationCodes, DynamoRewards
from echoes.application.credits.adjust_credits import AdjustCredits, ApproveAdjustment
from echoes.domain.errors import Conflict, ReferralRefused
from echoes.domain.identifiers import Credits, OwnerId
from echoes.domain.rewards import REFERRAL_AGE, ReferralState, RewardRules, RewardTurn
from tests.support.factories import an_owner
from tests.support.ledger_books import all_entries, assert_books_are_right
from tests.support.rewards_harness import RewardsHarness
from tests.support.storage import CREDIT_ENTRIES, CREDIT_STATE, RECORDS

THREADS = 24
ROUNDS = 60
LONGEST_PAUSE_SECONDS = 0.1
CAP = 5
RULES = RewardRules(
    referral_credits=Credits(5),
    share_credits=Credits(1),
    referrals_a_month=CAP,
    referrals_ever=3 * CAP,
    shares_ever=2,
)

T = TypeVar("T")


@pytest.fixture
def harness(tables: Connection) -> RewardsHarness:
    harness = RewardsHarness(rules=RULES)
    ledger = DynamoLedger(
        entries_table=CREDIT_ENTRIES,
        state_table=CREDIT_STATE,
        records_table=RECORDS,
        connection=tables,
    )
    harness.use(
        ledger=ledger,
        rewards=DynamoRewards(RECORDS, tables),
        codes=DynamoInvitationCodes(RECORDS, tables),
        history=ledger,
        purchases=DynamoPurchases(CREDIT_STATE, tables),
    )
    return harness


@pytest.fixture
def referrer() -> OwnerId:
    return an_owner()


def race(actions: Sequence[Callable[[], T]], seed: int) -> list[T]:
    """Do all at once, each again after a pause of random length while it meets others."""
    chance = Random(seed)
    pauses = [Random(chance.random()) for _ in actions]

    def persist(action: Callable[[], T], pause: Random) -> T:
        for _ in range(ROUNDS):
            try:
                return action()
            except Conflict:
                sleep(pause.uniform(0, LONGEST_PAUSE_SECONDS))
        return action()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(persist, actions, pauses))


def test_the_monthly_cap_holds_under_parallel_reviews(
    harness: RewardsHarness, referrer: OwnerId
) -> None:
    """L15: twenty friends have earned it at the same moment, five are rewarded."""
    friends = [harness.paying_friend(referrer)[0] for _ in range(4 * CAP)]
    harness.age(REFERRAL_AGE)
    turns = race([lambda friend=friend: harness.review(friend) for friend in friends], seed=1)  # type: ignore[misc]  # bound now
    assert Counter(turns) == {RewardTurn.GRANT: CAP, None: 3 * CAP}
    assert harness.balance(referrer) == CAP * RULES.referral_credits
    tally = harness.rewards.tally(referrer)
    assert (tally.granted, tally.rewarded, tally.pending) == (CAP, CAP, 0)
    states = Counter(harness.rewards.referral(friend).state for friend in friends)  # type: ignore[union-attr]  # all claimed
    assert states == {ReferralState.REWARDED: CAP, ReferralState.CAPPED: 3 * CAP}
    assert_books_are_right(harness.ledger, referrer)


def test_one_friend_reviewed_by_everybody_is_paid_for_once(
    harness: RewardsHarness, referrer: OwnerId
) -> None:
    """L15: the review, its twin and its repetition: one reward."""
    friend, _ = harness.paying_friend(referrer)
    harness.age(REFERRAL_AGE)
    turns = race([lambda: harness.review(friend)] * THREADS, seed=2)
    assert set(turns) <= {RewardTurn.GRANT, None}, "who comes second may hear of the first's"
    assert harness.balance(referrer) == RULES.referral_credits
    assert len(all_entries(harness.ledger, referrer)) == 1


def test_one_friend_claimed_by_many_belongs_to_one(harness: RewardsHarness) -> None:
    """L15: a dozen codes used at the same moment: one counts, and one inviter is counted."""
    inviters = [an_owner() for _ in range(12)]
    codes = [harness.show(inviter).code for inviter in inviters]
    friend = an_owner()

    def claim(code: str) -> bool:
        try:
            harness.claim(friend, code)
        except ReferralRefused:
            return False
        return True

    claimed = race([lambda code=code: claim(code) for code in codes], seed=3)  # type: ignore[misc]  # bound now
    assert sum(claimed) == 1
    assert sum(harness.rewards.tally(inviter).invited for inviter in inviters) == 1
    found = harness.rewards.referral(friend)
    assert found is not None
    assert found.referrer_id == inviters[claimed.index(True)]


def test_many_claims_of_one_code_are_all_counted(
    harness: RewardsHarness, referrer: OwnerId
) -> None:
    """No count is lost: the tally is what the caps are held against."""
    code, friends = harness.show(referrer).code, [an_owner() for _ in range(THREADS)]
    race([lambda friend=friend: harness.claim(friend, code) for friend in friends], seed=4)  # type: ignore[misc]  # bound now
    tally = harness.rewards.tally(referrer)
    assert (tally.invited, tally.pending) == (THREADS, THREADS)


def test_shares_at_once_are_one_a_day_and_two_for_life(
    harness: RewardsHarness, referrer: OwnerId
) -> None:
    """L15: the slot of the day, then the cap for life."""
    for day in range(4):
        race([lambda: harness.share(referrer)] * THREADS, seed=5 + day)
        assert harness.balance(referrer) == min(day + 1, RULES.shares_ever)
        harness.clock.advance(REFERRAL_AGE)
    assert_books_are_right(harness.ledger, referrer)


def test_two_who_approve_at_once_are_one_entry(
    tables: Connection, harness: RewardsHarness, referrer: OwnerId
) -> None:
    """Operators race, too: the later one finds it done."""
    requests = DynamoAdjustmentRequests(RECORDS, tables)
    ask = AdjustCredits(ledger=harness.ledger, requests=requests, clock=harness.clock)
    approve = ApproveAdjustment(ledger=harness.ledger, requests=requests, clock=harness.clock)
    asked = ask(referrer, amount=Credits(500), ticket="T", actor=OwnerId("ann"), reason="why")
    wanted = asked.request.adjustment_id
    done = race(
        [
            lambda number=number: approve(wanted, actor=OwnerId(f"ben-{number}"))  # type: ignore[misc]  # bound now
            for number in range(THREADS)
        ],
        seed=9,
    )
    assert len({adjusted.entry for adjusted in done}) == 1
    assert harness.balance(referrer) == 500
    (entry,) = all_entries(harness.ledger, referrer)
    stored = requests.get(wanted)
    assert stored is not None
    assert entry.actor == f"ann&{stored.approved_by}"
