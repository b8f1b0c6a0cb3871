"""
Operations as use cases carry them out: read, decide, post, and again from the start on `Conflict`.

Each is a generator that stops before every call of the ledger, so that a scheduler can put the
calls of several of them in any order. Its value is what the caller of a use case would see.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from echoes.application.ports.credits import Ledger
from echoes.domain.credits.accounts import HoldStatus
from echoes.domain.credits.entries import Entry, EntryType
from echoes.domain.credits.holds import capture, place_hold, release
from echoes.domain.credits.postings import adjust, grant, reinstate, reverse
from echoes.domain.errors import (
    Conflict,
    HoldAlreadySettled,
    InsufficientCredits,
    Rejected,
    Unavailable,
)
from echoes.domain.identifiers import Credits, HoldId, OwnerId

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EXPIRES = AT + timedelta(hours=1)
TRIES = 12
"""Of one use case: how often a conflict may be repeated before giving up."""


class Outcome(StrEnum):
    """What the caller of a use case sees."""

    DONE = "done"
    REFUSED = "refused"
    GAVE_UP = "gave up"


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome, and the entry that goes with it or the error that stood in the way."""

    outcome: Outcome
    entry: Entry | None = None
    error: Exception | None = None


Steps = Generator[str, None, Result]
Operation = Callable[[Ledger], Steps]


def granting(owner: OwnerId, reference: str, amount: int) -> Operation:
    """Grant what was bought."""

    def steps(ledger: Ledger) -> Generator[str, None, Entry]:
        yield "read account"
        account = ledger.account(owner)
        posting = grant(
            account,
            type=EntryType.PURCHASE,
            reference=reference,
            amount=Credits(amount),
            at=AT,
            actor=owner,
        )
        yield "post"
        return ledger.post(posting)

    return _request(steps)


def adjusting(owner: OwnerId, reference: str, amount: int) -> Operation:
    """Correct by *amount*."""

    def steps(ledger: Ledger) -> Generator[str, None, Entry]:
        yield "read account"
        posting = adjust(
            ledger.account(owner),
            reference=reference,
            amount=Credits(amount),
            at=AT,
            actor="admin",
            reason="a test",
        )
        yield "post"
        return ledger.post(posting)

    return _request(steps)


def reversing(owner: OwnerId, reference: str, amount: int) -> Operation:
    """Take a purchase back."""

    def steps(ledger: Ledger) -> Generator[str, None, Entry]:
        yield "read account"
        account = ledger.account(owner)
        yield "post"
        return ledger.post(
            reverse(account, reference=reference, amount=Credits(amount), at=AT, actor="system")
        )

    return _request(steps)


def reinstating(owner: OwnerId, reference: str, amount: int) -> Operation:
    """Take the taking back back."""

    def steps(ledger: Ledger) -> Generator[str, None, Entry]:
        yield "read account"
        account = ledger.account(owner)
        yield "post"
        return ledger.post(
            reinstate(account, reference=reference, amount=Credits(amount), at=AT, actor="system")
        )

    return _request(steps)


def holding(owner: OwnerId, hold_id: HoldId, amount: int) -> Operation:
    """Hold credits; a caller with too few first checks whether this very hold took them."""

    def steps(ledger: Ledger) -> Generator[str, None, Entry]:
        yield "read account"
        account = ledger.account(owner)
        try:
            posting = place_hold(
                account, hold_id=hold_id, amount=Credits(amount), expires_at=EXPIRES, at=AT
            )
        except InsufficientCredits:
            yield "read hold"
            hold = ledger.hold(hold_id)
            if hold is None or (hold.owner_id, hold.amount) != (owner, amount):
                raise
            yield "read entry"
            return entry_at(ledger, owner, hold.opened_seq)
        yield "post"
        return ledger.post(posting)

    return _request(steps)


def settling(
    owner: OwnerId, hold_id: HoldId, status: HoldStatus, *, cost: int | None = None
) -> Operation:
    """Capture or release a hold; a hold that is settled this way already is fine."""

    def steps(ledger: Ledger) -> Generator[str, None, Entry]:
        yield "read account"
        account = ledger.account(owner)
        yield "read hold"
        hold = ledger.hold(hold_id)
        if hold is None or hold.owner_id != owner:
            raise Rejected("there is no such hold")
        if hold.status is status and hold.settled_seq is not None:
            yield "read entry"
            return entry_at(ledger, owner, hold.settled_seq)
        if status is HoldStatus.CAPTURED:
            part = None if cost is None else Credits(min(cost, hold.amount))
            posting = capture(account, hold, at=AT, cost=part)
        else:
            posting = release(account, hold, at=AT)
        yield "post"
        return ledger.post(posting)

    return _request(steps)


def entry_at(ledger: Ledger, owner: OwnerId, seq: int) -> Entry:
    """Return the entry with number *seq*."""
    return ledger.entries(owner, before=seq + 1, limit=1).entries[0]


def run(operation: Operation, ledger: Ledger) -> Result:
    """Carry *operation* out alone."""
    steps = operation(ledger)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result


@dataclass(frozen=True, slots=True)
class Scene:
    """Operations that meet on one ledger, and whose books to look at afterwards."""

    ledger: Ledger
    owner: OwnerId
    hold_ids: tuple[HoldId, ...]
    operations: tuple[Operation, ...]


def interleavings(make: Callable[[], Scene]) -> Iterator[tuple[str, Scene, list[Result]]]:
    """
    Carry the operations of *make* out in every order their calls can have, each in a new scene.

    Yields the order (one digit a call: whose turn it was), the scene, and the results.
    """
    pending: list[list[int]] = [[]]
    while pending:
        prefix = pending.pop()
        scene = make()
        taken, results, choices = _follow(scene, prefix)
        for depth in range(len(prefix), len(taken)):
            others = (turn for turn in choices[depth] if turn != taken[depth])
            pending += [[*taken[:depth], turn] for turn in others]
        yield "".join(map(str, taken)), scene, results


def _follow(scene: Scene, prefix: list[int]) -> tuple[list[int], list[Result], list[list[int]]]:
    """Take turns as *prefix* says, then always the first who can."""
    running = {number: operation(scene.ledger) for number, operation in enumerate(scene.operations)}
    results: dict[int, Result] = {}
    taken: list[int] = []
    choices: list[list[int]] = []
    for steps in running.values():
        next(steps)
    while running:
        able = sorted(running)
        turn = prefix[len(taken)] if len(taken) < len(prefix) else able[0]
        choices.append(able)
        taken.append(turn)
        try:
            next(running[turn])
        except StopIteration as end:
            results[turn] = end.value
            del running[turn]
    return taken, [results[number] for number in sorted(results)], choices


def _request(once: Callable[[Ledger], Generator[str, None, Entry]]) -> Operation:
    """Return an operation that repeats *once* as use cases do."""

    def steps(ledger: Ledger) -> Steps:
        last: Exception | None = None
        for _ in range(TRIES):
            try:
                entry = yield from once(ledger)
            except (Conflict, Unavailable) as error:
                last = error
            except (Rejected, HoldAlreadySettled) as error:
                return Result(Outcome.REFUSED, error=error)
            else:
                return Result(Outcome.DONE, entry=entry)
        return Result(Outcome.GAVE_UP, error=last)

    return steps
