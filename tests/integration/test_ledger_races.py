"""The ledger on DynamoDB when many write at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from time import sleep

import pytest
from pynamodb.connection import Connection

from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.application.ports.credits import Ledger
from echoes.domain.audit.chain import verify_chain
from echoes.domain.credits.accounts import HoldStatus
from echoes.domain.credits.entries import EntryKind
from echoes.domain.identifiers import HoldId, OwnerId
from tests.support.factories import an_id, an_owner
from tests.support.ledger_books import all_entries, assert_books_are_right
from tests.support.ledger_operations import (
    Operation,
    Outcome,
    Result,
    granting,
    holding,
    reversing,
    run,
    settling,
)
from tests.support.storage import CREDIT_ENTRIES, CREDIT_STATE

THREADS = 32
ROUNDS = 40
"""How often a loser comes again: with 32 writers on one account, bad luck may last a while."""

LONGEST_PAUSE_SECONDS = 0.2


@pytest.fixture
def ledger(tables: Connection) -> Ledger:
    return DynamoLedger(entries_table=CREDIT_ENTRIES, state_table=CREDIT_STATE, connection=tables)


@pytest.fixture
def owner() -> OwnerId:
    return an_owner()


def persistently(operation: Operation, ledger: Ledger, chance: Random) -> Result:
    """Carry *operation* out as a patient client does: repeatedly, with pauses of random length."""
    result = run(operation, ledger)
    for _ in range(ROUNDS):
        if result.outcome is not Outcome.GAVE_UP:
            break
        sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))
        result = run(operation, ledger)
    return result


def race(operations: list[Operation], ledger: Ledger, seed: int) -> list[Result]:
    """Carry *operations* out at once; return the results in their order."""
    chance = Random(seed)
    seeds = [chance.random() for _ in operations]
    with ThreadPoolExecutor(THREADS) as pool:
        work: Callable[[Operation, float], Result] = lambda operation, own: persistently(  # noqa: E731  # one line
            operation, ledger, Random(own)
        )
        return list(pool.map(work, operations, seeds))


def test_ten_credits_pay_for_exactly_ten_of_a_hundred_holds(ledger: Ledger, owner: OwnerId) -> None:
    """CR4, L1, L8: 32 threads, balance 10, 100 attempts: 10 holds, 90 refusals, balance 0."""
    run(granting(owner, an_id(), 10), ledger)
    hold_ids = [HoldId(an_id()) for _ in range(100)]
    results = race([holding(owner, hold_id, 1) for hold_id in hold_ids], ledger, seed=1)
    assert Counter(result.outcome for result in results) == {
        Outcome.DONE: 10,
        Outcome.REFUSED: 90,
    }
    account = ledger.account(owner)
    assert (account.available, account.held, account.debt) == (0, 10, 0)
    entries = assert_books_are_right(ledger, owner, hold_ids)
    assert {result.entry for result in results if result.entry} <= set(entries)


def test_one_credit_pays_for_exactly_one_of_fifty(ledger: Ledger, owner: OwnerId) -> None:
    """CR4: balance 1, cost 1: one is accepted, 49 are refused because credits are missing."""
    run(granting(owner, an_id(), 1), ledger)
    hold_ids = [HoldId(an_id()) for _ in range(50)]
    results = race([holding(owner, hold_id, 1) for hold_id in hold_ids], ledger, seed=2)
    assert Counter(result.outcome for result in results) == {Outcome.DONE: 1, Outcome.REFUSED: 49}
    assert_books_are_right(ledger, owner, hold_ids)


def test_one_payment_reported_by_everybody_is_one_entry(ledger: Ledger, owner: OwnerId) -> None:
    """CR5, L4, L7: 32 deliveries of one event: one row, which every call returns."""
    reference = an_id()
    results = race([granting(owner, reference, 5)] * THREADS, ledger, seed=3)
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert {result.entry for result in results} == set(all_entries(ledger, owner))
    assert ledger.account(owner).available == 5
    assert_books_are_right(ledger, owner)


def test_one_payment_claimed_by_two_owners_credits_one(ledger: Ledger) -> None:
    """L4: the guard is global."""
    reference, owners = an_id(), [an_owner(), an_owner()]
    operations = [granting(owners[number % 2], reference, 5) for number in range(THREADS)]
    results = race(operations, ledger, seed=4)
    assert Counter(result.outcome for result in results) == {
        Outcome.DONE: THREADS // 2,
        Outcome.REFUSED: THREADS // 2,
    }
    assert sum(ledger.account(owner).available for owner in owners) == 5


def test_captures_and_releases_race_to_one_settlement_each(ledger: Ledger, owner: OwnerId) -> None:
    """AJ7, L9: poll, webhook, sweep and cancellation at once: each hold ends once, one way."""
    hold_ids = [HoldId(an_id()) for _ in range(6)]
    for operation in (
        granting(owner, an_id(), 20),
        *(holding(owner, hold, 2) for hold in hold_ids),
    ):
        assert run(operation, ledger).outcome is Outcome.DONE
    operations = [
        settling(owner, hold_id, status)
        for hold_id in hold_ids
        for status in (HoldStatus.CAPTURED, HoldStatus.RELEASED)
        for _ in range(2)
    ]
    Random(5).shuffle(operations)
    results = race(operations, ledger, seed=5)
    assert Outcome.GAVE_UP not in {result.outcome for result in results}
    entries = assert_books_are_right(ledger, owner, hold_ids)
    assert ledger.account(owner).held == 0
    captures = sum(entry.kind is EntryKind.CAPTURE for entry in entries)
    assert ledger.account(owner).available == 20 - 2 * captures


def test_everything_at_once_keeps_the_books_right(ledger: Ledger, owner: OwnerId) -> None:
    """L1 to L9, L14: grants, refunds into debt, holds and settlements on one account."""
    chance = Random(6)
    hold_ids = [HoldId(an_id()) for _ in range(8)]
    references = [an_id() for _ in range(8)]
    operations: list[Operation] = []
    for hold_id, reference in zip(hold_ids, references, strict=True):
        operations += [
            granting(owner, reference, 3),
            granting(owner, reference, 3),
            reversing(owner, reference, 2),
            holding(owner, hold_id, 2),
            settling(owner, hold_id, chance.choice([HoldStatus.CAPTURED, HoldStatus.RELEASED])),
        ]
    chance.shuffle(operations)
    results = race(operations, ledger, seed=6)
    assert Outcome.GAVE_UP not in {result.outcome for result in results}
    entries = assert_books_are_right(ledger, owner, hold_ids)
    assert {result.entry for result in results if result.entry} <= set(entries)
    grants = sum(entry.kind is EntryKind.GRANT for entry in entries)
    assert grants == len(references)


def test_nobody_sees_an_account_go_back_in_time(ledger: Ledger, owner: OwnerId) -> None:
    """L17: while others write, each account read is one the log knows, and never an older one."""
    operations = [granting(owner, an_id(), 1) for _ in range(24)]
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(race, operations, ledger, 7)
        seen = [ledger.account(owner)]
        while not writing.done():
            seen.append(ledger.account(owner))
        results = writing.result()
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert [account.seq for account in seen] == sorted(account.seq for account in seen)
    entries = all_entries(ledger, owner)
    assert len({account.seq for account in seen}) > 2, "the reader saw nothing happen"
    for account in seen:
        if account.seq:
            written = entries[account.seq - 1]
            assert (account.available, account.chain_hash) == (written.balance_after, written.hash)
    assert ledger.account(owner).available == len(operations)


@pytest.mark.parametrize("change", ["edit", "delete"])
def test_an_entry_changed_behind_our_back_is_found(
    tables: Connection, ledger: Ledger, owner: OwnerId, change: str
) -> None:
    """L16: even with rights that none of our roles has; the audit names the entry."""
    for _ in range(4):
        run(granting(owner, an_id(), 1), ledger)
    key = {"pk": {"S": f"U#{owner}"}, "sk": {"S": "TX#0000000003"}}
    client = tables.client
    if change == "delete":
        client._make_api_call("DeleteItem", {"TableName": CREDIT_ENTRIES, "Key": key})
    else:
        client._make_api_call(
            "UpdateItem",
            {
                "TableName": CREDIT_ENTRIES,
                "Key": key,
                "UpdateExpression": "SET posted_delta = :more",
                "ExpressionAttributeValues": {":more": {"N": "1000"}},
            },
        )
    fault = verify_chain(all_entries(ledger, owner), head=ledger.account(owner))
    assert fault is not None
    assert (fault.owner_id, fault.seq) == (owner, 3)
