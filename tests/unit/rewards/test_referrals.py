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
from tests.support.rewards_world import BOUGHT, RewardsWorld

REWARD = RULES.referral_credits


@pytest.fixture
def world() -> RewardsWorld:
    return RewardsWorld()


@pytest.fixture
def referrer() -> OwnerId:
    return an_owner()


def state_of(world: RewardsWorld, friend: OwnerId) -> ReferralState:
    found = world.rewards.referral(friend)
    assert found is not None
    return found.state


def numbers(world: RewardsWorld, owner: OwnerId) -> tuple[int, int, int]:
    tally = world.show(owner).tally
    return tally.invited, tally.rewarded, tally.pending


def test_a_code_is_the_same_for_ever_and_nobody_elses(world: RewardsWorld) -> None:
    """RF1: short, of letters that are not mistaken for each other, one for each user."""
    owners = [an_owner() for _ in range(200)]
    codes = [world.show(owner).code for owner in owners]
    assert [world.show(owner).code for owner in owners] == codes
    assert len(set(codes)) == len(codes)
    assert all(len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) for code in codes)


def test_two_users_with_one_code_get_two(world: RewardsWorld, referrer: OwnerId) -> None:
    """Should two owners ever derive the same code, the later one gets the next."""
    world.memory.keep(code_of(referrer), an_owner())
    shown = world.show(referrer)
    assert shown.code == code_of(referrer, number=1)
    assert world.memory.owner_of(shown.code) == referrer


@pytest.mark.parametrize(
    "write",
    [str.lower, lambda code: f" {code[:4]}-{code[4:]} ", lambda code: code.replace("0", "o")],
)
def test_a_code_may_be_written_as_people_write(
    world: RewardsWorld, referrer: OwnerId, write: Callable[[str], str]
) -> None:
    """Any case, with dashes and blanks, O for 0."""
    assert read_code(write(world.show(referrer).code)) == world.show(referrer).code


@pytest.mark.parametrize("code", ["", "ABC", "ABCDEFGHJ", "ABCDEFG!", "ÄBCDEFGH", "U" * 8])
def test_what_is_no_code_is_refused(code: str) -> None:
    """The field is named."""
    with pytest.raises(InvalidRequest) as refused:
        read_code(code)
    assert refused.value.field == "code"


def test_a_code_of_nobody_is_refused(world: RewardsWorld) -> None:
    """As one with a slip of the pen."""
    with pytest.raises(InvalidRequest):
        world.claim(an_owner(), code_of(an_owner()))


def test_the_reward_comes_when_the_purchase_has_aged(
    world: RewardsWorld, referrer: OwnerId
) -> None:
    """RF2, L15: nothing for signing up, nothing for buying, the reward seven days later."""
    friend, _ = world.paying_friend(referrer)
    assert numbers(world, referrer) == (1, 0, 1)
    world.age(REFERRAL_AGE - timedelta(seconds=1))
    assert world.review(friend) is None
    world.age(timedelta(seconds=1))
    assert world.review(friend) is RewardTurn.GRANT
    assert numbers(world, referrer) == (1, 1, 0)
    (entry,) = all_entries(world.ledger, referrer)
    assert (entry.type, entry.kind) == (EntryType.REFERRAL, EntryKind.GRANT)
    assert (entry.amount, entry.reference) == (REWARD, friend)
    assert world.balance(friend) == BOUGHT


def test_a_friend_is_paid_for_once(world: RewardsWorld, referrer: OwnerId) -> None:
    """L15: however often it is reviewed, and whatever else the friend buys."""
    friend, _ = world.paying_friend(referrer)
    world.age()
    for _ in range(3):
        world.review(friend)
        world.buy(friend)
        world.age()
    assert world.balance(referrer) == REWARD


def test_nobody_invites_themselves(world: RewardsWorld, referrer: OwnerId) -> None:
    """L15: a user's own code is refused, and nothing is stored."""
    with pytest.raises(ReferralRefused):
        world.claim(referrer, world.show(referrer).code)
    assert world.rewards.referral(referrer) is None
    assert numbers(world, referrer) == (0, 0, 0)


def test_a_code_is_used_once(world: RewardsWorld, referrer: OwnerId) -> None:
    """The same again changes nothing; another is refused."""
    friend = world.invited_by(referrer)
    world.claim(friend, world.show(referrer).code)
    assert numbers(world, referrer) == (1, 0, 1)
    other = an_owner()
    with pytest.raises(ReferralRefused):
        world.claim(friend, world.show(other).code)
    assert numbers(world, other) == (0, 0, 0)


def test_who_has_bought_before_was_not_invited(world: RewardsWorld, referrer: OwnerId) -> None:
    """Only new customers count."""
    old = an_owner()
    world.buy(old)
    with pytest.raises(ReferralRefused):
        world.claim(old, world.show(referrer).code)


def test_a_purchase_that_crossed_the_claim_earns_nothing(
    world: RewardsWorld, referrer: OwnerId
) -> None:
    """A purchase that was under way while the claim was made is older than the claim."""
    friend = world.invited_by(referrer)
    world.buy(friend)  # at the very same instant
    world.age()
    assert world.review(friend) is None
    assert state_of(world, friend) is ReferralState.LAPSED
    assert numbers(world, referrer) == (1, 0, 0)


def test_credits_for_nothing_are_no_purchase(world: RewardsWorld, referrer: OwnerId) -> None:
    """A pack that a promotion code made free earns nothing; the first that is paid does."""
    friend = world.invited_by(referrer)
    world.age(timedelta(hours=1))
    world.buy(friend, cents=0)
    world.age()
    assert world.review(friend) is None
    world.buy(friend)
    world.age()
    assert world.review(friend) is RewardTurn.GRANT


def test_a_purchase_that_was_taken_back_earns_nothing(
    world: RewardsWorld, referrer: OwnerId
) -> None:
    """RF2: refunded within the seven days, in part even, and the reward does not come."""
    friend, purchase = world.paying_friend(referrer)
    world.take_back(purchase, 1)
    world.age()
    assert world.review(friend) is None
    world.age(REFERRAL_WATCH)
    assert world.review(friend) is None
    assert state_of(world, friend) is ReferralState.LAPSED


def test_the_reward_follows_the_purchase(world: RewardsWorld, referrer: OwnerId) -> None:
    """Taken back with a refund, given again when the refund fails, as often as that happens."""
    friend, purchase = world.paying_friend(referrer)
    world.age()
    world.review(friend)
    for round_ in range(3):
        purchase = world.take_back(purchase, BOUGHT)
        assert world.review(friend) is RewardTurn.REVERSE
        assert world.review(friend) is None
        assert (world.balance(referrer), numbers(world, referrer)) == (0, (1, 0, 0)), round_
        purchase = world.take_back(purchase, 0)
        assert world.review(friend) is RewardTurn.REINSTATE
        assert world.review(friend) is None
        assert (world.balance(referrer), numbers(world, referrer)) == (REWARD, (1, 1, 0)), round_
    assert_books_are_right(world.ledger, referrer)


def test_a_reward_that_was_spent_becomes_debt(world: RewardsWorld, referrer: OwnerId) -> None:
    """L14: what cannot be taken back is owed, and the next reward repays it first."""
    friend, purchase = world.paying_friend(referrer)
    world.age()
    world.review(friend)
    spending = adjust(
        world.ledger.account(referrer),
        reference=an_id(),
        amount=Credits(-REWARD),
        at=world.clock.now(),
        actor="test",
        reason="spent",
    )
    world.ledger.post(spending)
    world.take_back(purchase, BOUGHT)
    world.review(friend)
    assert world.ledger.account(referrer).debt == REWARD
    other, _ = world.paying_friend(referrer)
    world.age()
    world.review(other)
    account = world.ledger.account(referrer)
    assert (account.available, account.debt) == (0, 0)
    assert_books_are_right(world.ledger, referrer)


def test_an_invitation_ends(world: RewardsWorld, referrer: OwnerId) -> None:
    """Who never buys is not waited for longer than ninety days."""
    friend = world.invited_by(referrer)
    world.age(REFERRAL_OPEN)
    world.review(friend)
    assert state_of(world, friend) is ReferralState.LAPSED
    assert numbers(world, referrer) == (1, 0, 0)
    assert not world.rewards.due(at=world.clock.now() + REFERRAL_OPEN, limit=9)


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
    world = RewardsWorld(rules=rules)
    for _ in range(months):
        friends = [world.paying_friend(referrer)[0] for _ in range(3)]
        world.age()
        for friend in friends:
            world.review(friend)
        world.age(timedelta(days=31))
    assert world.balance(referrer) == paid * REWARD
    assert world.rewards.tally(referrer).granted == paid
    assert world.rewards.tally(referrer).pending == 0
    assert not [friend for friend in friends if state_of(world, friend) is ReferralState.PENDING]


def test_a_reward_taken_back_makes_no_room(referrer: OwnerId) -> None:
    """L15: refunds do not turn the cap into a wheel."""
    rules = RewardRules(referral_credits=REWARD, share_credits=REWARD, referrals_ever=1)
    world = RewardsWorld(rules=rules)
    first, purchase = world.paying_friend(referrer)
    world.age()
    world.review(first)
    world.take_back(purchase, BOUGHT)
    world.review(first)
    second, _ = world.paying_friend(referrer)
    world.age()
    assert world.review(second) is None
    assert state_of(world, second) is ReferralState.CAPPED


def test_one_round_reviews_everybody_who_is_due(world: RewardsWorld, referrer: OwnerId) -> None:
    """The hourly run rewards those who have earned it, and reviews the others in a day."""
    friends = [world.paying_friend(referrer)[0] for _ in range(3)]
    idle = world.invited_by(referrer)
    world.age()
    report = world.review_all()
    assert (report.seen, report.turns[RewardTurn.GRANT], report.errors) == (4, 3, [])
    assert world.review_all().seen == 0
    world.age(RECHECK)
    assert world.review_all().seen == 4
    assert {state_of(world, friend) for friend in friends} == {ReferralState.REWARDED}
    assert state_of(world, idle) is ReferralState.PENDING


def test_a_purchase_is_watched_as_long_as_it_can_come_undone(
    world: RewardsWorld, referrer: OwnerId
) -> None:
    """Disputes come late: a dispute on the last day is noticed; then reviews end."""
    friend, purchase = world.paying_friend(referrer)
    world.age()
    world.review(friend)
    world.age(REFERRAL_WATCH - REFERRAL_AGE - timedelta(seconds=1))
    world.take_back(purchase, BOUGHT)
    assert world.review_all().turns[RewardTurn.REVERSE] == 1
    world.age(RECHECK)
    world.review_all()
    assert not world.rewards.due(at=world.clock.now() + REFERRAL_WATCH, limit=9)


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.THROTTLED, Fault.CONFLICT])
def test_a_fault_costs_and_gives_nothing(
    world: RewardsWorld, referrer: OwnerId, fault: Fault
) -> None:
    """L6: even if a response is lost, the next run finds exactly one effect."""
    friend, _ = world.paying_friend(referrer)
    world.age()
    assert isinstance(world.ledger, InMemoryLedger)
    world.ledger.inject(fault)
    try:
        world.review(friend)
    except Unavailable:
        world.review(friend)
    assert world.balance(referrer) == REWARD
    assert numbers(world, referrer) == (1, 1, 0)
    assert_books_are_right(world.ledger, referrer)


def test_trouble_with_one_does_not_keep_the_others_waiting(
    world: RewardsWorld, referrer: OwnerId
) -> None:
    """What fails is counted and tried again in the next round."""
    for _ in range(2):
        world.paying_friend(referrer)
    world.age()
    assert isinstance(world.ledger, InMemoryLedger)
    world.ledger.inject(Fault.THROTTLED)
    report = world.review_all()
    assert (report.errors, report.turns[RewardTurn.GRANT]) == (["Unavailable"], 1)
    assert world.review_all().turns[RewardTurn.GRANT] == 1
