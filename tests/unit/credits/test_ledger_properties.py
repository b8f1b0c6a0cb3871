"""Laws of the ledger that hold for all operations, in every order, with all faults."""

from collections import Counter
from collections.abc import Callable
from itertools import combinations_with_replacement
from random import Random
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dev.fakes.credits import Fault, InMemoryLedger
from echoes.domain.credits.accounts import HoldStatus
from echoes.domain.credits.entries import EntryKind
from echoes.domain.errors import HoldAlreadySettled, InsufficientCredits
from echoes.domain.identifiers import HoldId, OwnerId
from tests.support.ledger_books import all_entries, assert_books_are_right
from tests.support.ledger_operations import (
    Operation,
    Outcome,
    Result,
    Scene,
    adjusting,
    granting,
    holding,
    interleavings,
    reinstating,
    reversing,
    run,
    settling,
)

OWNERS = (OwnerId("ada"), OwnerId("bob"))
HOLDS = tuple(HoldId(f"hold-{number}") for number in range(6))
REFERENCES = tuple(f"ref-{number}" for number in range(6))
"""Few, so that repetitions and collisions are common."""

EXAMPLES, STEPS = 50, 60
"""Of the model test: three thousand operations, shrunk to a story when one goes wrong."""

owners = st.sampled_from(OWNERS)
hold_ids = st.sampled_from(HOLDS)
references = st.sampled_from(REFERENCES)
amounts = st.sampled_from([1, 2, 3, 10, 1_000_000])
statuses = st.sampled_from([HoldStatus.CAPTURED, HoldStatus.RELEASED])


def cost_of(hold_id: HoldId) -> int | None:
    """Return what the work behind a hold costs: always the same, and sometimes not all of it."""
    number = int(hold_id.rpartition("-")[2])
    return None if number % 2 else number


class Model:
    """The reference: what a ledger is when nothing ever goes wrong. Numbers only, no entries."""

    def __init__(self) -> None:
        self.net: Counter[OwnerId] = Counter()
        self.held: Counter[OwnerId] = Counter()
        self.used: dict[tuple[EntryKind, str], tuple[OwnerId, int]] = {}
        self.open: dict[HoldId, tuple[OwnerId, int]] = {}
        self.settled: dict[HoldId, tuple[HoldStatus, int]] = {}

    def move(self, kind: EntryKind, owner: OwnerId, reference: str, amount: int) -> bool:
        """Return whether a grant, reversal … is accepted: new, or the very same as before."""
        operation = (owner, amount)
        first = self.used.get((kind, reference))
        if first is None:
            self.used[kind, reference] = operation
            self.net[owner] += amount
        return first in {None, operation}

    def place(self, owner: OwnerId, hold_id: HoldId, amount: int) -> bool:
        """Return whether a hold is accepted."""
        if hold_id in self.open:
            return self.open[hold_id] == (owner, amount)
        if self.net[owner] < amount:
            return False
        self.open[hold_id] = (owner, amount)
        self.net[owner] -= amount
        self.held[owner] += amount
        return True

    def settle(self, owner: OwnerId, hold_id: HoldId, status: HoldStatus, cost: int | None) -> bool:
        """Return whether a settlement is accepted."""
        if self.open.get(hold_id, (None, 0))[0] != owner:
            return False
        if hold_id in self.settled:
            return self.settled[hold_id][0] is status
        amount = self.open[hold_id][1]
        whole = amount if cost is None else min(cost, amount)
        spent = whole if status is HoldStatus.CAPTURED else 0
        self.settled[hold_id] = (status, spent)
        self.held[owner] -= amount
        self.net[owner] += amount - spent
        return True


class LedgerMachine(RuleBasedStateMachine):
    """CR3: random operations and faults against the reference model; every answer is checked."""

    @initialize()
    def open_the_books(self) -> None:
        self.ledger = InMemoryLedger()
        self.model = Model()

    def check(self, result: Result, *, accepted: bool) -> None:
        self.ledger.recover()
        assert result.outcome is (Outcome.DONE if accepted else Outcome.REFUSED), result

    @rule(owner=owners, reference=references, amount=amounts)
    def grants(self, owner: OwnerId, reference: str, amount: int) -> None:
        accepted = self.model.move(EntryKind.GRANT, owner, reference, amount)
        self.check(run(granting(owner, reference, amount), self.ledger), accepted=accepted)

    @rule(owner=owners, reference=references, amount=amounts)
    def reverses(self, owner: OwnerId, reference: str, amount: int) -> None:
        accepted = self.model.move(EntryKind.REVERSAL, owner, reference, -amount)
        self.check(run(reversing(owner, reference, amount), self.ledger), accepted=accepted)

    @rule(owner=owners, reference=references, amount=amounts)
    def reinstates(self, owner: OwnerId, reference: str, amount: int) -> None:
        accepted = self.model.move(EntryKind.REINSTATEMENT, owner, reference, amount)
        self.check(run(reinstating(owner, reference, amount), self.ledger), accepted=accepted)

    @rule(owner=owners, reference=references, amount=amounts, sign=st.sampled_from([-1, 1]))
    def adjusts(self, owner: OwnerId, reference: str, amount: int, sign: int) -> None:
        accepted = self.model.move(EntryKind.ADJUSTMENT, owner, reference, sign * amount)
        self.check(run(adjusting(owner, reference, sign * amount), self.ledger), accepted=accepted)

    @rule(owner=owners, hold_id=hold_ids, amount=amounts)
    def holds(self, owner: OwnerId, hold_id: HoldId, amount: int) -> None:
        accepted = self.model.place(owner, hold_id, amount)
        self.check(run(holding(owner, hold_id, amount), self.ledger), accepted=accepted)

    @rule(owner=owners, hold_id=hold_ids, status=statuses)
    def settles(self, owner: OwnerId, hold_id: HoldId, status: HoldStatus) -> None:
        cost = cost_of(hold_id)
        accepted = self.model.settle(owner, hold_id, status, cost)
        operation = settling(owner, hold_id, status, cost=cost)
        self.check(run(operation, self.ledger), accepted=accepted)

    @rule(fault=st.sampled_from(Fault), times=st.integers(1, 3))
    def goes_wrong(self, fault: Fault, times: int) -> None:
        self.ledger.recover()
        self.ledger.inject(fault, times)

    @invariant()
    def books_are_right(self) -> None:
        """L1 to L9, L14, L16: and what was written stays written."""
        if not hasattr(self, "ledger"):
            return
        for owner in OWNERS:
            account = self.ledger.account(owner)
            assert account.available - account.debt == self.model.net[owner]
            assert account.held == self.model.held[owner]

    def teardown(self) -> None:
        if not hasattr(self, "ledger"):
            return
        self.ledger.recover()
        for owner in OWNERS:
            assert_books_are_right(self.ledger, owner, HOLDS)


LedgerMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestTheLedgerAgainstItsModel = LedgerMachine.TestCase


@pytest.mark.parametrize("seed", [1, 2])
def test_the_balance_is_the_sum_of_the_log_after_ten_thousand_operations(seed: int) -> None:
    """CR3: with every kind of fault on the way; a failure names the seed that shows it again."""
    chance = Random(seed)
    ledger, model = InMemoryLedger(), Model()
    ids = [HoldId(f"hold-{number}") for number in range(1500)]
    for number in range(10_000):
        ledger.recover()
        if chance.random() < 0.2:
            ledger.inject(chance.choice(list(Fault)), chance.randint(1, 3))
        owner = chance.choice(OWNERS)
        fresh = chance.random() < 0.5
        reference = f"ref-{number}" if fresh else f"ref-{chance.randrange(number + 1)}"
        hold_id = ids[number // 8] if fresh else chance.choice(ids[: number // 8 + 1])
        operation, accepted = _draw(chance, model, owner, reference, hold_id)
        result = run(operation, ledger)
        expected = Outcome.DONE if accepted else Outcome.REFUSED
        assert result.outcome is expected, f"seed {seed}, operation {number}: {result}"
    ledger.recover()
    for owner in OWNERS:
        entries = assert_books_are_right(ledger, owner, ids)
        assert len(entries) > 500, f"seed {seed} did next to nothing"
        assert sum(entry.amount for entry in entries) == model.net[owner], f"seed {seed}"


def _draw(
    chance: Random, model: Model, owner: OwnerId, reference: str, hold_id: HoldId
) -> tuple[Operation, bool]:
    """Return some request, and whether the model accepts it."""
    amount = chance.choice([1, 2, 5, 20])
    match chance.randrange(8):
        case 0 | 1:
            accepted = model.move(EntryKind.GRANT, owner, reference, amount)
            return granting(owner, reference, amount), accepted
        case 2:
            accepted = model.move(EntryKind.REVERSAL, owner, reference, -amount)
            return reversing(owner, reference, amount), accepted
        case 3:
            accepted = model.move(EntryKind.ADJUSTMENT, owner, reference, -amount)
            return adjusting(owner, reference, -amount), accepted
        case 4 | 5:
            return holding(owner, hold_id, amount), model.place(owner, hold_id, amount)
        case _:
            status = chance.choice([HoldStatus.CAPTURED, HoldStatus.RELEASED])
            cost = cost_of(hold_id)
            accepted = model.settle(owner, hold_id, status, cost)
            return settling(owner, hold_id, status, cost=cost), accepted


ADA, BOB = OWNERS
RACERS: dict[str, Callable[[], Operation]] = {
    "grant": lambda: granting(ADA, "cs-2", 3),
    "same grant": lambda: granting(ADA, "cs-1", 2),
    "hold": lambda: holding(ADA, HOLDS[1], 2),
    "other hold": lambda: holding(ADA, HOLDS[2], 2),
    "capture": lambda: settling(ADA, HOLDS[0], HoldStatus.CAPTURED),
    "release": lambda: settling(ADA, HOLDS[0], HoldStatus.RELEASED),
    "part": lambda: settling(ADA, HOLDS[0], HoldStatus.CAPTURED, cost=1),
    "reverse": lambda: reversing(ADA, "cs-1", 2),
}
PAIRS = list(combinations_with_replacement(sorted(RACERS), 2))
THREES = [
    ("capture", "capture", "release"),
    ("capture", "release", "release"),
    ("hold", "hold", "other hold"),
    ("hold", "other hold", "reverse"),
    ("release", "reverse", "hold"),
    ("same grant", "same grant", "grant"),
]


def scene(names: tuple[str, ...]) -> Scene:
    """Return a new ledger with 2 to spend and 2 held, and the operations that race on it."""
    ledger = InMemoryLedger()
    for operation in (granting(ADA, "cs-0", 4), holding(ADA, HOLDS[0], 2)):
        assert run(operation, ledger).outcome is Outcome.DONE
    operations = tuple(RACERS[name]() for name in names)
    return Scene(ledger=ledger, owner=ADA, hold_ids=HOLDS, operations=operations)


@pytest.mark.parametrize("names", [*PAIRS, *THREES], ids=" + ".join)
def test_every_order_of_calls_keeps_the_books_right(names: tuple[str, ...]) -> None:
    """L8, L9: all interleavings of two and of three operations; none gives up, none is lost."""
    for order, played, results in interleavings(lambda: scene(names)):
        entries = assert_books_are_right(played.ledger, ADA, HOLDS)
        for name, result in zip(names, results, strict=True):
            assert result.outcome is not Outcome.GAVE_UP, f"{order}: {name} {result}"
            if result.entry is not None:
                assert result.entry in entries, f"{order}: {name} was acknowledged and is lost"
        _assert_somebody_won(order, names, results)


def _assert_somebody_won(order: str, names: tuple[str, ...], results: list[Result]) -> None:
    won = {
        name for name, result in zip(names, results, strict=True) if result.outcome is Outcome.DONE
    }
    ends = {"capture", "release"} & set(names)
    if ends and "part" not in names:
        assert len(ends & won) == 1, f"{order}: {won}"
    holds = {"hold", "other hold"} & set(names)
    if holds and "reverse" not in names and "grant" not in names and "release" not in names:
        assert len(holds & won) == 1, f"{order}: {won}"


def test_the_scheduler_visits_every_order_once() -> None:
    """Two operations of two calls each: the six orders, and nothing but them."""
    orders = [order for order, _, _ in interleavings(lambda: scene(("grant", "same grant")))]
    assert len(orders) == len(set(orders))
    assert {order[:4] for order in orders} >= {"0011", "0101", "0110", "1001", "1010", "1100"}


@pytest.mark.parametrize("status", [HoldStatus.CAPTURED, HoldStatus.RELEASED])
def test_a_torn_read_never_settles_a_hold_twice(status: HoldStatus) -> None:
    """
    L9: the account is seen as it is, the hold as it was, and the numbers would fit.

    Random stress misses this one: enough must be held elsewhere for the account to look right.
    """
    other = HoldStatus.RELEASED if status is HoldStatus.CAPTURED else HoldStatus.CAPTURED
    ledger = InMemoryLedger()
    operations = (
        granting(ADA, "cs", 9),
        holding(ADA, HOLDS[0], 2),
        holding(ADA, HOLDS[1], 5),
        settling(ADA, HOLDS[0], status),
    )
    for operation in operations:
        run(operation, ledger)
    before = ledger.account(ADA)
    ledger.inject(Fault.TORN_READ)
    result = run(settling(ADA, HOLDS[0], other), ledger)
    assert isinstance(result.error, HoldAlreadySettled)
    assert ledger.account(ADA) == before
    ledger.inject(Fault.TORN_READ)
    assert run(settling(ADA, HOLDS[0], status), ledger).outcome is Outcome.DONE
    assert ledger.account(ADA) == before
    assert_books_are_right(ledger, ADA, HOLDS)


def test_a_torn_read_of_impossible_numbers_is_read_again() -> None:
    """DB2: nothing else is held, so the numbers cannot fit: a conflict, never a broken law."""
    ledger = InMemoryLedger()
    for operation in (
        granting(ADA, "cs", 9),
        holding(ADA, HOLDS[0], 2),
        settling(ADA, HOLDS[0], HoldStatus.CAPTURED),
    ):
        run(operation, ledger)
    ledger.inject(Fault.TORN_READ)
    result = run(settling(ADA, HOLDS[0], HoldStatus.RELEASED), ledger)
    assert isinstance(result.error, HoldAlreadySettled)
    assert_books_are_right(ledger, ADA, HOLDS)


def test_a_lost_reply_is_found_again() -> None:
    """L6: unknown becomes exactly one effect, also when the last credit went into the hold."""
    ledger = InMemoryLedger()
    for operation in (
        granting(ADA, "cs", 2),
        holding(ADA, HOLDS[0], 2),
        settling(ADA, HOLDS[0], HoldStatus.CAPTURED),
    ):
        ledger.inject(Fault.LOST_REPLY)
        assert run(operation, ledger).outcome is Outcome.DONE
    kinds = [entry.kind for entry in all_entries(ledger, ADA)]
    assert kinds == [EntryKind.GRANT, EntryKind.HOLD, EntryKind.CAPTURE]


def test_a_refusal_leaves_no_trace() -> None:
    """L6: a refusal changes nothing."""
    ledger = InMemoryLedger()
    run(granting(ADA, "cs", 2), ledger)
    before = ledger.account(ADA)
    refused = run(holding(ADA, HOLDS[0], 3), ledger)
    assert isinstance(refused.error, InsufficientCredits)
    assert ledger.hold(HOLDS[0]) is None
    assert ledger.account(ADA) == before


def test_threads_share_the_last_credits() -> None:
    """CR4: 50 threads, one credit: exactly one hold."""
    ledger = InMemoryLedger()
    run(granting(ADA, "cs", 1), ledger)
    ids = [HoldId(f"race-{number}") for number in range(50)]
    together = Barrier(len(ids))
    results: list[Result] = []

    def race(hold_id: HoldId) -> None:
        together.wait()
        results.append(run(holding(ADA, hold_id, 1), ledger))

    threads = [Thread(target=race, args=(hold_id,)) for hold_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(result.outcome for result in results) == {Outcome.DONE: 1, Outcome.REFUSED: 49}
    assert_books_are_right(ledger, ADA, ids)
