"""What the stores of rewards and of operators' requests promise: in memory and in DynamoDB."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import pytest
from pynamodb.connection import Connection

from dev.fakes.credits import InMemoryLedger
from dev.fakes.rewards import InMemoryRewards
from echoes.adapters.dynamodb.credits.adjustments import DynamoAdjustmentRequests
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.dynamodb.purchases.purchases import DynamoPurchases
from echoes.adapters.dynamodb.rewards import DynamoInvitationCodes, DynamoRewards
from echoes.application.ports.credits import Ledger
from echoes.application.ports.purchases import Purchases
from echoes.application.ports.rewards import (
    AdjustmentRequests,
    InvitationCodes,
    PurchaseHistory,
    Rewards,
)
from echoes.domain.credits.adjustments import AdjustmentChange, AdjustmentRequest, carry_out
from echoes.domain.credits.entries import EntryKind, EntryType
from echoes.domain.credits.postings import adjust, grant
from echoes.domain.errors import Conflict
from echoes.domain.identifiers import AdjustmentId, Credits, OwnerId
from echoes.domain.rewards import (
    REFERRAL_AGE,
    Referral,
    ReferralState,
    RewardChange,
    RewardTally,
    RewardTurn,
)
from tests.support.factories import NOON, an_id, an_owner
from tests.support.ledger_books import all_entries, assert_books_are_right
from tests.support.rewards_harness import BOUGHT, RewardsHarness
from tests.support.storage import CREDIT_ENTRIES, CREDIT_STATE, RECORDS


class LedgerWithHistory(Ledger, PurchaseHistory, Protocol):
    """What both ledgers are."""


@dataclass(frozen=True)
class Stores:
    """The stores under test."""

    ledger: LedgerWithHistory
    rewards: Rewards
    codes: InvitationCodes
    requests: AdjustmentRequests
    purchases: Purchases


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        rewards = InMemoryRewards()
        memory = InMemoryLedger(rewards=rewards)
        return Stores(
            ledger=memory,
            rewards=rewards,
            codes=rewards,
            requests=rewards.requests,
            purchases=memory,
        )
    connection: Connection = request.getfixturevalue("connection")
    return Stores(
        ledger=DynamoLedger(
            entries_table=CREDIT_ENTRIES,
            state_table=CREDIT_STATE,
            records_table=RECORDS,
            connection=connection,
        ),
        rewards=DynamoRewards(RECORDS, connection),
        codes=DynamoInvitationCodes(RECORDS, connection),
        requests=DynamoAdjustmentRequests(RECORDS, connection),
        purchases=DynamoPurchases(CREDIT_STATE, connection),
    )


@pytest.fixture
def harness(stores: Stores) -> RewardsHarness:
    harness = RewardsHarness()
    harness.use(
        ledger=stores.ledger,
        rewards=stores.rewards,
        codes=stores.codes,
        history=stores.ledger,
        purchases=stores.purchases,
    )
    return harness


def a_referral(**changes: object) -> Referral:
    referral = Referral(
        referee_id=an_owner(), referrer_id=an_owner(), claimed_at=NOON, review_at=NOON
    )
    return replace(referral, **changes)  # type: ignore[arg-type]  # any field


def a_tally(owner: OwnerId, **changes: object) -> RewardTally:
    return replace(RewardTally(owner_id=owner, version=1), **changes)  # type: ignore[arg-type]  # any


def a_request(owner: OwnerId, **changes: object) -> AdjustmentRequest:
    request = AdjustmentRequest(
        adjustment_id=AdjustmentId(an_id()),
        owner_id=owner,
        amount=Credits(500),
        write_off=False,
        reason="why",
        ticket="SUP-1",
        requested_by=OwnerId("ann"),
        requested_at=NOON,
    )
    return replace(request, **changes)  # type: ignore[arg-type]  # any field


def test_what_is_stored_comes_back(stores: Stores) -> None:
    """Every field of a referral, a tally and a request."""
    referral = a_referral(state=ReferralState.REVERSED, credits=Credits(5), turns=3)
    tally = a_tally(
        referral.referrer_id,
        invited=9,
        pending=1,
        rewarded=2,
        granted=4,
        month="2026-01",
        granted_in_month=3,
        shares=5,
        shared_on="2026-01-01",
    )
    stores.rewards.save(RewardChange(referral=referral, tally=tally))
    assert stores.rewards.referral(referral.referee_id) == referral
    assert stores.rewards.tally(tally.owner_id) == tally
    request = a_request(an_owner(), approved_by=OwnerId("ben"), seq=7, write_off=True)
    stores.requests.save(AdjustmentChange(request=request))
    assert stores.requests.get(request.adjustment_id) == request


def test_what_is_not_there_is_nothing(stores: Stores) -> None:
    """No referral, no request, no owner of a code, and an empty tally."""
    owner = an_owner()
    assert stores.rewards.referral(owner) is None
    assert stores.rewards.tally(owner) == RewardTally(owner_id=owner)
    assert stores.requests.get(AdjustmentId(an_id())) is None
    assert stores.codes.owner_of(an_id()) is None
    stores.rewards.save(RewardChange())


@pytest.mark.parametrize("stale", ["referral", "tally"])
def test_both_parts_of_a_change_or_neither(stores: Stores, stale: str) -> None:
    """If one was written since it was read, the other is not stored either."""
    referral = a_referral()
    tally = a_tally(referral.referrer_id)
    stores.rewards.save(RewardChange(referral=referral, tally=tally))
    change = RewardChange(
        referral=replace(referral, turns=1, version=1 if stale == "referral" else 2),
        tally=replace(tally, invited=1, version=1 if stale == "tally" else 2),
    )
    with pytest.raises(Conflict):
        stores.rewards.save(change)
    assert stores.rewards.referral(referral.referee_id) == referral
    assert stores.rewards.tally(tally.owner_id) == tally


def test_a_code_has_one_owner_for_ever(stores: Stores) -> None:
    """A later call returns its owner."""
    code, first, second = an_id(), an_owner(), an_owner()
    assert stores.codes.keep(code, first) == first
    assert stores.codes.keep(code, second) == first
    assert stores.codes.keep(code, first) == first
    assert stores.codes.owner_of(code) == first


def test_those_to_review_come_oldest_first_and_leave_when_nothing_is_left(stores: Stores) -> None:
    """The index knows pending referrals by their time, and only those."""
    past = NOON - timedelta(days=3650)
    late = a_referral(review_at=past + timedelta(hours=2))
    soon = a_referral(review_at=past + timedelta(hours=1))
    future = a_referral(review_at=past + timedelta(hours=9))
    for referral in (late, soon, future):
        stores.rewards.save(RewardChange(referral=referral))
    at = past + timedelta(hours=3)
    due = [soon.referee_id, late.referee_id]
    assert list(stores.rewards.due(at=at, limit=9)) == due
    assert list(stores.rewards.due(at=at, limit=1)) == due[:1]
    stores.rewards.save(RewardChange(referral=replace(soon, review_at=None, version=2)))
    assert list(stores.rewards.due(at=at, limit=9)) == due[1:]
    for referral in (late, future):
        stores.rewards.save(RewardChange(referral=replace(referral, review_at=None, version=2)))


@pytest.mark.parametrize("part", ["reward", "request"])
def test_an_entry_and_what_goes_with_it_are_one_commit(stores: Stores, part: str) -> None:
    """L15: a tally or a request that was written since blocks the credits, too."""
    owner = an_owner()
    tally, request = a_tally(owner), a_request(owner)
    stores.rewards.save(RewardChange(tally=tally))
    stores.requests.save(AdjustmentChange(request=request))
    posting = grant(
        stores.ledger.account(owner),
        type=EntryType.SHARE,
        reference=an_id(),
        amount=Credits(1),
        at=NOON,
        actor=owner,
    )
    stale = RewardChange(tally=tally) if part == "reward" else AdjustmentChange(request=request)
    with pytest.raises(Conflict):
        stores.ledger.post(posting, alongside=stale)
    assert stores.ledger.account(owner).seq == 0
    fresh = (
        RewardChange(tally=replace(tally, shares=1, version=2))
        if part == "reward"
        else AdjustmentChange(request=replace(request, seq=1, version=2))
    )
    stores.ledger.post(posting, alongside=fresh)
    assert stores.ledger.account(owner).available == 1
    assert stores.rewards.tally(owner).shares == (part == "reward")
    assert_books_are_right(stores.ledger, owner)


def test_an_adjustment_is_posted_with_its_request(stores: Stores) -> None:
    """The request knows its entry, the entry its operator."""
    request = a_request(an_owner(), amount=Credits(10))
    posting, change = carry_out(request, stores.ledger.account(request.owner_id), at=NOON)
    entry = stores.ledger.post(posting, alongside=change)
    stored = stores.requests.get(request.adjustment_id)
    assert stored is not None
    assert (stored.seq, entry.actor, entry.kind) == (entry.seq, "ann", EntryKind.ADJUSTMENT)


def test_purchases_are_told_from_everything_else(harness: RewardsHarness, stores: Stores) -> None:
    """Oldest first; adjustments, refunds and rewards are no purchases."""
    owner = an_owner()
    correction = adjust(
        stores.ledger.account(owner),
        reference=an_id(),
        amount=Credits(3),
        at=NOON,
        actor="test",
        reason="test",
    )
    stores.ledger.post(correction)
    first = harness.buy(owner)
    harness.take_back(first, 1)
    harness.share(owner)
    second = harness.buy(owner)
    found = [entry.reference for entry in stores.ledger.purchase_grants(owner)]
    assert found == [first.checkout_id, second.checkout_id]
    assert list(stores.ledger.purchase_grants(an_owner())) == []


def test_a_reward_goes_its_whole_way(harness: RewardsHarness) -> None:
    """L15: claimed, bought, aged, rewarded, taken back, given again: on the real store, too."""
    referrer = an_owner()
    friend, purchase = harness.paying_friend(referrer)
    harness.age(REFERRAL_AGE)
    steps: list[tuple[Callable[[], object], RewardTurn | None]] = [
        (lambda: None, RewardTurn.GRANT),
        (lambda: None, None),
        (lambda: harness.take_back(purchase, BOUGHT), RewardTurn.REVERSE),
        (lambda: None, None),
    ]
    for change, expected in steps:
        change()
        assert harness.review(friend) is expected
    assert harness.balance(referrer) == 0
    assert harness.rewards.tally(referrer).rewarded == 0
    kinds = [entry.kind for entry in all_entries(harness.ledger, referrer)]
    assert kinds == [EntryKind.GRANT, EntryKind.REVERSAL]
    assert_books_are_right(harness.ledger, referrer)
