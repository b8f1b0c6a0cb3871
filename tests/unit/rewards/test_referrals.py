"""Inviting friends: credits for inviting a user who pays, once each, up to the caps."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dev.fakes.credits import Fault, InMemoryLedger
from echoes.domain.credits.entries import EntryKind, EntryType
from echoes.domain.credits.postings import adjust
from echoes.domain.errors import InvalidRequest, ReferralRefused, Unavailable
from echoes.domain.identifiers import Credits, OwnerId
from echoes.domain.rewards import (
    CODE_ALPHABET,
    CODE_LENGTH,
    RECHECK,
    REFERRAL_AGE,
    REFERRAL_OPEN,
    REFERRAL_WATCH,
    RULES,
    ReferralState,
    RewardRules,
    RewardTurn,
    code_of,
    read_code,
)
from tests.support.factories import an_id, an_owner
from tests.support.ledger_books import all_entries, assert_books_are_right
from tests.support.rewards_harness import BOUGHT, RewardsHarness

REWARD = RULES.referral_credits


@pytest.fixture
def harness() -> RewardsHarness:
    return RewardsHarness()


@pytest.fixture
def referrer() -> OwnerId:
    return an_owner()


def state_of(harness: RewardsHarness, friend: OwnerId) -> ReferralState:
    found = harness.rewards.referral(friend)
    assert found is not None
    return found.state


def numbers(harness: RewardsHarness, owner: OwnerId) -> tuple[int, int, int]:
    tally = harness.show(owner).tally
    return tally.invited, tally.rewarded, tally.pending


def test_a_code_is_the_same_for_ever_and_nobody_elses(harness: RewardsHarness) -> None:
    """RF1: short, of letters that are not mistaken for each other, one for each user."""
    owners = [an_owner() for _ in range(200)]
    codes = [harness.show(owner).code for owner in owners]
    assert [harness.show(owner).code for owner in owners] == codes
    assert len(set(codes)) == len(codes)
    assert all(len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) for code in codes)


def test_two_users_with_one_code_get_two(harness: RewardsHarness, referrer: OwnerId) -> None:
    """Should two owners ever derive the same code, the later one gets the next."""
    harness.memory.keep(code_of(referrer), an_owner())
    shown = harness.show(referrer)
    assert shown.code == code_of(referrer, number=1)
    assert harness.memory.owner_of(shown.code) == referrer


@pytest.mark.parametrize(
    "write",
    [str.lower, lambda code: f" {code[:4]}-{code[4:]} ", lambda code: code.replace("0", "o")],
)
def test_a_code_may_be_written_as_people_write(
    harness: RewardsHarness, referrer: OwnerId, write: Callable[[str], str]
) -> None:
    """Any case, with dashes and blanks, O for 0."""
    assert read_code(write(harness.show(referrer).code)) == harness.show(referrer).code


@pytest.mark.parametrize("code", ["", "ABC", "ABCDEFGHJ", "ABCDEFG!", "ÄBCDEFGH", "U" * 8])
def test_what_is_no_code_is_refused(code: str) -> None:
    """The field is named."""
    with pytest.raises(InvalidRequest) as refused:
        read_code(code)
    assert refused.value.field == "code"


def test_a_code_of_nobody_is_refused(harness: RewardsHarness) -> None:
    """As one with a slip of the pen."""
    with pytest.raises(InvalidRequest):
        harness.claim(an_owner(), code_of(an_owner()))


def test_the_reward_comes_when_the_purchase_has_aged(
    harness: RewardsHarness, referrer: OwnerId
) -> None:
    """RF2, L15: nothing for signing up, nothing for buying, the reward seven days later."""
    friend, _ = harness.paying_friend(referrer)
    assert numbers(harness, referrer) == (1, 0, 1)
    harness.age(REFERRAL_AGE - timedelta(seconds=1))
    assert harness.review(friend) is None
    harness.age(timedelta(seconds=1))
    assert harness.review(friend) is RewardTurn.GRANT
    assert numbers(harness, referrer) == (1, 1, 0)
    (entry,) = all_entries(harness.ledger, referrer)
    assert (entry.type, entry.kind) == (EntryType.REFERRAL, EntryKind.GRANT)
    assert (entry.amount, entry.reference) == (REWARD, friend)
    assert harness.balance(friend) == BOUGHT


def test_a_friend_is_paid_for_once(harness: RewardsHarness, referrer: OwnerId) -> None:
    """L15: however often it is reviewed, and whatever else the friend buys."""
    friend, _ = harness.paying_friend(referrer)
    harness.age()
    for _ in range(3):
        harness.review(friend)
        harness.buy(friend)
        harness.age()
    assert harness.balance(referrer) == REWARD


def test_nobody_invites_themselves(harness: RewardsHarness, referrer: OwnerId) -> None:
    """L15: a user's own code is refused, and nothing is stored."""
    with pytest.raises(ReferralRefused):
        harness.claim(referrer, harness.show(referrer).code)
    assert harness.rewards.referral(referrer) is None
    assert numbers(harness, referrer) == (0, 0, 0)


def test_a_code_is_used_once(harness: RewardsHarness, referrer: OwnerId) -> None:
    """The same again changes nothing; another is refused."""
    friend = harness.invited_by(referrer)
    harness.claim(friend, harness.show(referrer).code)
    assert numbers(harness, referrer) == (1, 0, 1)
    other = an_owner()
    with pytest.raises(ReferralRefused):
        harness.claim(friend, harness.show(other).code)
    assert numbers(harness, other) == (0, 0, 0)


def test_who_has_bought_before_was_not_invited(harness: RewardsHarness, referrer: OwnerId) -> None:
    """Only new customers count."""
    old = an_owner()
    harness.buy(old)
    with pytest.raises(ReferralRefused):
        harness.claim(old, harness.show(referrer).code)


def test_a_purchase_that_crossed_the_claim_earns_nothing(
    harness: RewardsHarness, referrer: OwnerId
) -> None:
    """A purchase that was under way while the claim was made is older than the claim."""
    friend = harness.invited_by(referrer)
    harness.buy(friend)  # at the very same instant
    harness.age()
    assert harness.review(friend) is None
    assert state_of(harness, friend) is ReferralState.LAPSED
    assert numbers(harness, referrer) == (1, 0, 0)


def test_credits_for_nothing_are_no_purchase(harness: RewardsHarness, referrer: OwnerId) -> None:
    """A pack that a promotion code made free earns nothing; the first that is paid does."""
    friend = harness.invited_by(referrer)
    harness.age(timedelta(hours=1))
    harness.buy(friend, cents=0)
    harness.age()
    assert harness.review(friend) is None
    harness.buy(friend)
    harness.age()
    assert harness.review(friend) is RewardTurn.GRANT


def test_a_purchase_that_was_taken_back_earns_nothing(
    harness: RewardsHarness, referrer: OwnerId
) -> None:
    """RF2: refunded within the seven days, in part even, and the reward does not come."""
    friend, purchase = harness.paying_friend(referrer)
    harness.take_back(purchase, 1)
    harness.age()
    assert harness.review(friend) is None
    harness.age(REFERRAL_WATCH)
    assert harness.review(friend) is None
    assert state_of(harness, friend) is ReferralState.LAPSED


def test_the_reward_follows_the_purchase(harness: RewardsHarness, referrer: OwnerId) -> None:
    """Taken back with a refund, given again when the refund fails, as often as that happens."""
    friend, purchase = harness.paying_friend(referrer)
    harness.age()
    harness.review(friend)
    for round_ in range(3):
        purchase = harness.take_back(purchase, BOUGHT)
        assert harness.review(friend) is RewardTurn.REVERSE
        assert harness.review(friend) is None
        assert (harness.balance(referrer), numbers(harness, referrer)) == (0, (1, 0, 0)), round_
        purchase = harness.take_back(purchase, 0)
        assert harness.review(friend) is RewardTurn.REINSTATE
        assert harness.review(friend) is None
        assert (harness.balance(referrer), numbers(harness, referrer)) == (REWARD, (1, 1, 0)), (
            round_
        )
    assert_books_are_right(harness.ledger, referrer)


def test_a_reward_that_was_spent_becomes_debt(harness: RewardsHarness, referrer: OwnerId) -> None:
    """L14: what cannot be taken back is owed, and the next reward repays it first."""
    friend, purchase = harness.paying_friend(referrer)
    harness.age()
    harness.review(friend)
    spending = adjust(
        harness.ledger.account(referrer),
        reference=an_id(),
        amount=Credits(-REWARD),
        at=harness.clock.now(),
        actor="test",
        reason="spent",
    )
    harness.ledger.post(spending)
    harness.take_back(purchase, BOUGHT)
    harness.review(friend)
    assert harness.ledger.account(referrer).debt == REWARD
    other, _ = harness.paying_friend(referrer)
    harness.age()
    harness.review(other)
    account = harness.ledger.account(referrer)
    assert (account.available, account.debt) == (0, 0)
    assert_books_are_right(harness.ledger, referrer)


def test_an_invitation_ends(harness: RewardsHarness, referrer: OwnerId) -> None:
    """Who never buys is not waited for longer than ninety days."""
    friend = harness.invited_by(referrer)
    harness.age(REFERRAL_OPEN)
    harness.review(friend)
    assert state_of(harness, friend) is ReferralState.LAPSED
    assert numbers(harness, referrer) == (1, 0, 0)
    assert not harness.rewards.due(at=harness.clock.now() + REFERRAL_OPEN, limit=9)


@pytest.mark.parametrize(
    ("rules", "months", "paid"),
    [
        (RewardRules(referral_credits=REWARD, share_credits=REWARD, referrals_a_month=2), 1, 2),
        (RewardRules(referral_credits=REWARD, share_credits=REWARD, referrals_a_month=2), 2, 4),
        (
            RewardRules(
                referral_credits=REWARD,
                share_credits=REWARD,
                referrals_a_month=2,
                referrals_ever=3,
            ),
            3,
            3,
        ),
    ],
)
def test_rewards_are_capped_by_month_and_for_life(
    referrer: OwnerId, rules: RewardRules, months: int, paid: int
) -> None:
    """L15: so many a month, so many ever; what is above earns nothing, now or later."""
    harness = RewardsHarness(rules=rules)
    for _ in range(months):
        friends = [harness.paying_friend(referrer)[0] for _ in range(3)]
        harness.age()
        for friend in friends:
            harness.review(friend)
        harness.age(timedelta(days=31))
    assert harness.balance(referrer) == paid * REWARD
    assert harness.rewards.tally(referrer).granted == paid
    assert harness.rewards.tally(referrer).pending == 0
    assert not [friend for friend in friends if state_of(harness, friend) is ReferralState.PENDING]


def test_a_reward_taken_back_makes_no_room(referrer: OwnerId) -> None:
    """L15: refunds do not turn the cap into a wheel."""
    rules = RewardRules(referral_credits=REWARD, share_credits=REWARD, referrals_ever=1)
    harness = RewardsHarness(rules=rules)
    first, purchase = harness.paying_friend(referrer)
    harness.age()
    harness.review(first)
    harness.take_back(purchase, BOUGHT)
    harness.review(first)
    second, _ = harness.paying_friend(referrer)
    harness.age()
    assert harness.review(second) is None
    assert state_of(harness, second) is ReferralState.CAPPED


def test_one_round_reviews_everybody_who_is_due(harness: RewardsHarness, referrer: OwnerId) -> None:
    """The hourly run rewards those who have earned it, and reviews the others in a day."""
    friends = [harness.paying_friend(referrer)[0] for _ in range(3)]
    idle = harness.invited_by(referrer)
    harness.age()
    report = harness.review_all()
    assert (report.seen, report.turns[RewardTurn.GRANT], report.errors) == (4, 3, [])
    assert harness.review_all().seen == 0
    harness.age(RECHECK)
    assert harness.review_all().seen == 4
    assert {state_of(harness, friend) for friend in friends} == {ReferralState.REWARDED}
    assert state_of(harness, idle) is ReferralState.PENDING


def test_a_purchase_is_watched_as_long_as_it_can_come_undone(
    harness: RewardsHarness, referrer: OwnerId
) -> None:
    """Disputes come late: a dispute on the last day is noticed; then reviews end."""
    friend, purchase = harness.paying_friend(referrer)
    harness.age()
    harness.review(friend)
    harness.age(REFERRAL_WATCH - REFERRAL_AGE - timedelta(seconds=1))
    harness.take_back(purchase, BOUGHT)
    assert harness.review_all().turns[RewardTurn.REVERSE] == 1
    harness.age(RECHECK)
    harness.review_all()
    assert not harness.rewards.due(at=harness.clock.now() + REFERRAL_WATCH, limit=9)


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.THROTTLED, Fault.CONFLICT])
def test_a_fault_costs_and_gives_nothing(
    harness: RewardsHarness, referrer: OwnerId, fault: Fault
) -> None:
    """L6: even if a response is lost, the next run finds exactly one effect."""
    friend, _ = harness.paying_friend(referrer)
    harness.age()
    assert isinstance(harness.ledger, InMemoryLedger)
    harness.ledger.inject(fault)
    try:
        harness.review(friend)
    except Unavailable:
        harness.review(friend)
    assert harness.balance(referrer) == REWARD
    assert numbers(harness, referrer) == (1, 1, 0)
    assert_books_are_right(harness.ledger, referrer)


def test_trouble_with_one_does_not_keep_the_others_waiting(
    harness: RewardsHarness, referrer: OwnerId
) -> None:
    """What fails is counted and tried again in the next round."""
    for _ in range(2):
        harness.paying_friend(referrer)
    harness.age()
    assert isinstance(harness.ledger, InMemoryLedger)
    harness.ledger.inject(Fault.THROTTLED)
    report = harness.review_all()
    assert (report.errors, report.turns[RewardTurn.GRANT]) == (["Unavailable"], 1)
    assert harness.review_all().turns[RewardTurn.GRANT] == 1
