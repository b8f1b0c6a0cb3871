"""The audit of the books: order is found in order, and every way of tampering is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from dev.fakes.audit import InMemoryAnchorSigner, InMemoryAnchorVault, InMemoryBooks
from dev.fakes.clock import FakeClock
from echoes.application.audit.audit_books import AuditBooks, AuditStep
from echoes.domain.audit.anchors import EMPTY_ROOT
from echoes.domain.audit.books import BookFault, Rule
from echoes.domain.audit.chain import verify_chain
from echoes.domain.audit.signatures import read_public_key
from echoes.domain.audit.verification import anchor_fault
from echoes.domain.clips.attempts import ClipStatus
from echoes.domain.clips.clip import Clip, ref
from echoes.domain.credits.accounts import CreditAccount, Hold, HoldStatus
from echoes.domain.credits.entries import Entry, EntryType, seal
from echoes.domain.credits.postings import grant
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.identifiers import Credits, HoldId, OwnerId, ProviderTaskId
from tests.support.clip_harness import ClipHarness
from tests.support.factories import an_owner

SIGNER = InMemoryAnchorSigner()
HOURS = timedelta(hours=1)


class Night:
    """Everything after a busy day, and the audit of its books."""

    def __init__(self) -> None:
        self.harness = harness = ClipHarness(credits_=9)
        self.completed = harness.order()
        harness.carry(ref(self.completed))
        self.failed = harness.order()
        harness.provider.failure = ErrorCode.MODERATION_BLOCKED
        harness.carry(ref(self.failed))
        harness.provider.failure = None
        self.waiting = harness.order()
        self.clock = FakeClock(at=harness.clock.now())
        self.vault = InMemoryAnchorVault()
        self.audit = AuditBooks(
            books=InMemoryBooks(harness.ledger_store, harness.clips_store),
            ledger=harness.ledger_store,
            vault=self.vault,
            signer=SIGNER,
            clock=self.clock,
        )

    def steps(self, *, hours: float = 1) -> list[AuditStep]:
        return list(self.audit(until=self.clock.now() + hours * HOURS))

    def faults(self) -> list[BookFault]:
        return [fault for step in self.steps() for fault in step.faults]

    def rules(self) -> set[Rule]:
        return {fault.rule for fault in self.faults()}

    @property
    def owner(self) -> OwnerId:
        return self.harness.owner

    @property
    def entries(self) -> list[Entry]:
        return self.harness.ledger_store._entries[self.owner]

    def rewrite(self, seq: int, **changes: object) -> None:
        """Change an entry as a person with access to the table could."""
        self.entries[seq - 1] = replace(self.entries[seq - 1], **changes)  # type: ignore[arg-type]  # any field

    def forge(self, seq: int, **changes: object) -> None:
        """Change an entry, and every hash, sum and account behind it: a skilful forger."""
        self.rewrite(seq, **changes)
        ledger = self.harness.ledger_store
        account = CreditAccount(owner_id=self.owner)
        for place, entry in enumerate(self.entries):
            net = account.available - account.debt + entry.amount
            sealed = seal(
                replace(
                    entry,
                    previous_hash=account.chain_hash,
                    available_after=Credits(max(net, 0)),
                    held_after=Credits(account.held + entry.held_delta),
                    debt_after=Credits(max(-net, 0)),
                )
            )
            self.entries[place] = sealed
            account = replace(
                account,
                seq=sealed.seq,
                available=sealed.available_after,
                held=sealed.held_after,
                debt=sealed.debt_after,
                chain_hash=sealed.hash,
            )
        ledger._accounts[self.owner] = account
        assert verify_chain(self.entries, head=account) is None

    def change_clip(self, clip: Clip, **changes: object) -> None:
        stored = self.harness.clip(clip)
        attempt = replace(stored.attempt, **changes)  # type: ignore[arg-type]  # any field
        kept = replace(stored, attempts=(attempt,))
        self.harness.clips_store._clips[clip.owner_id, clip.clip_id] = kept


@pytest.fixture
def night() -> Night:
    return Night()


def test_books_in_order_are_found_in_order(night: Night) -> None:
    """R1 to R8: grants, a clip paid, one given back and one under way leave nothing to find."""
    assert night.faults() == []


def drop_guard(night: Night) -> None:
    night.harness.ledger_store._guards.clear()


def move_guard(night: Night) -> None:
    guards = night.harness.ledger_store._guards
    (key,) = guards
    guards[key] = replace(guards[key], seq=2)


def drop_hold(night: Night) -> None:
    del night.harness.ledger_store._holds[night.waiting.attempt.hold_id]


def change_hold(night: Night, clip: Clip, **changes: object) -> None:
    holds = night.harness.ledger_store._holds
    hold_id = clip.attempt.hold_id
    holds[hold_id] = replace(holds[hold_id], **changes)  # type: ignore[arg-type]  # any field


def give_credits(night: Night) -> None:
    accounts = night.harness.ledger_store._accounts
    accounts[night.owner] = replace(accounts[night.owner], available=Credits(1_000))


def lose_the_third(night: Night) -> None:
    del night.entries[2]


def lose_the_tail(night: Night) -> None:
    del night.entries[-1]


TAMPERINGS: dict[str, tuple[Callable[[Night], None], Rule]] = {
    "an amount": (lambda n: n.rewrite(1, posted_delta=Credits(999)), Rule.CHAIN),
    "a reason": (lambda n: n.rewrite(1, reason="because"), Rule.CHAIN),
    "an entry removed": (lose_the_third, Rule.CHAIN),
    "two entries swapped": (lambda n: n.entries.insert(1, n.entries.pop(2)), Rule.CHAIN),
    "the account": (give_credits, Rule.HEAD),
    "the tail": (lose_the_tail, Rule.HEAD),
    "a guard removed": (drop_guard, Rule.GUARDS),
    "a guard moved": (move_guard, Rule.GUARDS),
    "a hold removed": (drop_hold, Rule.HOLDS),
    "a hold's amount": (lambda n: change_hold(n, n.waiting, amount=Credits(2)), Rule.HOLDS),
    "a hold settled behind the back": (
        lambda n: change_hold(n, n.waiting, status=HoldStatus.RELEASED, settled_seq=1),
        Rule.HOLDS,
    ),
    "a hold opened again": (
        lambda n: change_hold(n, n.completed, status=HoldStatus.OPEN),
        Rule.HOLDS,
    ),
    "a clip taken back": (
        lambda n: n.change_clip(n.completed, status=ClipStatus.FAILED),
        Rule.GENERATIONS,
    ),
    "a clip completed for nothing": (
        lambda n: n.change_clip(
            n.failed, status=ClipStatus.COMPLETED, provider_task_id=ProviderTaskId("x")
        ),
        Rule.GENERATIONS,
    ),
    "a clip without a task": (
        lambda n: n.change_clip(n.completed, provider_task_id=None),
        Rule.GENERATIONS,
    ),
    "a price": (lambda n: n.change_clip(n.completed, credits=Credits(5)), Rule.GENERATIONS),
    "a task made for two": (
        lambda n: n.change_clip(
            n.failed, provider_task_id=n.harness.clip(n.completed).attempt.provider_task_id
        ),
        Rule.GENERATIONS,
    ),
    "a settled attempt that goes on": (
        lambda n: n.change_clip(n.failed, status=ClipStatus.PROCESSING),
        Rule.GENERATIONS,
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_whatever_is_touched_is_found(night: Night, name: str) -> None:
    """L16: every record of a night changed in turn, and the rule that finds it."""
    tamper, rule = TAMPERINGS[name]
    tamper(night)
    assert rule in night.rules()


def test_a_chain_fault_names_the_first_bad_entry(night: Night) -> None:
    """R1: owner and number, so that an operator can look into it."""
    night.rewrite(3, reason="forged")
    (fault,) = night.faults()
    assert (fault.rule, fault.owner_id, fault.seq) == (Rule.CHAIN, night.owner, 3)


def test_a_hold_nobody_returned_is_found(night: Night) -> None:
    """R8, L19: an open hold an hour after its expiry means that the sweep does not do its work."""
    hold = night.harness.ledger_store.hold(night.waiting.attempt.hold_id)
    assert hold is not None
    night.clock.advance(hold.expires_at - night.clock.now() + timedelta(minutes=59))
    assert night.rules() == set()
    night.vault.anchors.clear()
    night.vault._parts.clear()
    night.clock.advance(timedelta(minutes=2))
    assert night.rules() == {Rule.OLD_HOLDS}


def test_a_forged_tail_is_found_against_the_anchor(night: Night) -> None:
    """L16: every hash, sum and account was rewritten with write access; the anchor shows it."""
    assert night.faults() == []
    night.clock.advance(timedelta(days=1))
    night.forge(1, posted_delta=Credits(5_000))
    # The clip that still waits after a day is another rule's find.
    assert night.rules() == {Rule.ANCHOR, Rule.OLD_HOLDS}


def test_a_tail_cut_off_with_its_account_is_found_against_the_anchor(night: Night) -> None:
    """L16: the last entries are gone and the account says so too; the anchor knows how many."""
    owner = an_owner()
    ledger = night.harness.ledger_store
    for number in range(3):
        posting = grant(
            ledger.account(owner),
            type=EntryType.PURCHASE,
            reference=f"cut-{number}",
            amount=Credits(1),
            at=night.clock.now(),
            actor="system",
        )
        before = posting.before
        ledger.post(posting)
    assert night.faults() == []
    night.clock.advance(timedelta(days=1))
    del ledger._entries[owner][-1]
    ledger._accounts[owner] = before
    faults = {fault.rule: fault for fault in night.faults()}
    assert faults[Rule.ANCHOR].seq == 3
    assert Rule.GUARDS in faults


def test_an_account_removed_whole_is_found_against_the_anchor(night: Night) -> None:
    """L16, R11: without entries, guard, holds and account, nothing else would miss them."""
    assert night.faults() == []
    night.clock.advance(timedelta(days=1))
    ledger = night.harness.ledger_store
    for kept in (ledger._entries, ledger._accounts, ledger._guards, ledger._holds):
        kept.clear()
    (fault,) = night.faults()
    assert (fault.rule, fault.owner_id) == (Rule.ANCHOR, night.owner)


def test_a_torn_look_is_no_fault(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a second look does not see again was only a commit under way."""
    books = night.audit.books
    nothing: dict[HoldId, Hold] = {}
    seen = iter([nothing])
    whole = books.holds
    monkeypatch.setattr(books, "holds", lambda ids: next(seen, None) or whole(ids))
    assert night.faults() == []


def test_what_settles_during_the_audit_is_no_fault(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account is read, then a clip is completed: its hold and clip are newer, and right."""
    books, harness = night.audit.books, night.harness
    whole = books.clips

    def busy(owner: OwnerId) -> object:
        if not harness.clip(night.waiting).attempt.ended:
            harness.carry(ref(night.waiting))
        return whole(owner)

    monkeypatch.setattr(books, "clips", busy)
    assert night.faults() == []
    assert harness.clip(night.waiting).attempt.status is ClipStatus.COMPLETED


def test_an_interrupted_audit_goes_on_where_it_stopped(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after any step, the next call does the rest; the anchor names every account once."""
    monkeypatch.setattr("echoes.application.audit.audit_books.ITEMS_PER_PAGE", 2)
    for _ in range(5):
        ClipHarness.upload_of(night.harness, night.owner)
        other = an_owner()
        ledger = night.harness.ledger_store
        ledger.post(
            grant(
                ledger.account(other),
                type=EntryType.PURCHASE,
                reference=f"of {other}",
                amount=Credits(1),
                at=night.clock.now(),
                actor="system",
            )
        )
    calls = 0
    while not night.vault.anchors:
        for _ in night.audit(until=night.clock.now() + HOURS):
            calls += 1
            if calls % 3 == 0:
                break  # killed before the step was stored
    (anchor,) = night.vault.anchors.values()
    assert [head.owner_id for head in anchor.heads] == sorted(ledger._accounts)
    assert calls < 40
    assert night.steps() == []  # the night is done


def test_no_step_begins_after_the_time_is_up(night: Night) -> None:
    """A call that has no time left leaves the work to the next one, and signs nothing."""
    assert night.steps(hours=0) == []
    assert night.vault.anchors == {}


def test_a_signed_anchor_binds_every_account(night: Night) -> None:
    """The signature covers the root, the root covers the list, and each night covers the last."""
    night.steps()
    night.clock.advance(timedelta(days=1))
    night.steps()
    first, second = night.vault.anchors.values()
    key = read_public_key(SIGNER.public_key)
    assert (anchor_fault(first, key), anchor_fault(second, key)) == (None, None)
    assert second.statement.previous_root == first.statement.root
    (head,) = first.heads
    assert (head.seq, head.hash) == (
        len(night.entries),
        night.harness.ledger_store.account(night.owner).chain_hash,
    )


def test_a_night_without_accounts_is_anchored_too() -> None:
    """An empty list has a root of its own; there is no night without an anchor."""
    harness = ClipHarness(credits_=0)
    vault = InMemoryAnchorVault()
    audit = AuditBooks(
        books=InMemoryBooks(harness.ledger_store, harness.clips_store),
        ledger=harness.ledger_store,
        vault=vault,
        signer=SIGNER,
        clock=harness.clock,
    )
    (_, last) = list(audit(until=harness.clock.now() + HOURS))
    (anchor,) = vault.anchors.values()
    assert (last.anchored, anchor.statement.root) == (0, EMPTY_ROOT)
