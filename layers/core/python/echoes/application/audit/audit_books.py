"""Use case: audit all books every night and sign the result."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from echoes.application.ports.audit import (
    AnchorPart,
    AnchorSigner,
    AnchorVault,
    Books,
    StatePage,
    UnreadableBooks,
)
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import MAX_PAGE, Ledger
from echoes.domain.audit.anchors import Anchor, AnchoredHead, Statement, in_order, root_of
from echoes.domain.audit.books import (
    BookFault,
    OwnerBooks,
    Rule,
    cause_of,
    check_books,
    check_guard,
    check_hold,
)
from echoes.domain.audit.chain import OF_GENERATIONS
from echoes.domain.clips.clip import Clip
from echoes.domain.credits.accounts import CreditAccount
from echoes.domain.credits.entries import Entry, EntryKind
from echoes.domain.errors import Conflict
from echoes.domain.identifiers import HoldId, OwnerId

ITEMS_PER_PAGE: Final = 100
"""A page is read within seconds, so a lost one costs little."""

SECOND_LOOK_SECONDS: Final = 1.0
"""Several items are not read at one moment. A fault must still be there a second later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditStep:
    """The result of one page: numbers for operators, and faults to look into."""

    owners: int
    faults: tuple[BookFault, ...]
    anchored: int | None = None
    """Set in the last step of a night: how many accounts its anchor names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditBooks:
    """
    Check every account, guard and hold once a night (R1 to R3, R6 to R8), and anchor the accounts.

    The night's work is stored in the vault, page by page: the next call resumes an interrupted
    audit, and a finished night is not repeated.
    """

    books: Books
    ledger: Ledger
    vault: AnchorVault
    signer: AnchorSigner
    clock: Clock

    def __call__(self, *, until: datetime) -> Iterator[AuditStep]:
        """
        Continue tonight's audit, step by step, until it is done or *until* is reached.

        A step is stored only when the next one is requested, so record its faults first. A lost
        step is repeated.

        Raises:
            Conflict, Unavailable: Call again; the vault has what was done.
        """
        day = self.clock.now().date().isoformat()
        if self.vault.sealed(day):
            return
        previous = self.vault.latest_before(day)
        anchored = {head.owner_id: head for head in previous.heads} if previous else {}
        parts = list(self.vault.parts(day))
        while not parts or parts[-1].after is not None:
            if self.clock.now() >= until:
                return
            part = self._part(parts, anchored)
            yield AuditStep(owners=len(part.heads), faults=part.faults)
            self.vault.add(day, part)
            parts.append(part)
        heads = in_order([head for part in parts for head in part.heads])
        gone = anchored.keys() - {head.owner_id for head in heads}
        yield AuditStep(owners=0, faults=tuple(map(_gone, sorted(gone))), anchored=len(heads))
        self._seal(day, heads, previous)

    def _seal(self, day: str, heads: tuple[AnchoredHead, ...], previous: Anchor | None) -> None:
        statement = Statement(
            day=day,
            root=root_of(heads),
            heads=len(heads),
            previous_root=previous.statement.root if previous else "",
        )
        signature = self.signer.sign(statement.signed_bytes())
        try:
            self.vault.seal(Anchor(statement=statement, signature=signature, heads=heads))
        except Conflict:
            return  # sealed by a concurrent call

    def _part(
        self, parts: Sequence[AnchorPart], anchored: Mapping[OwnerId, AnchoredHead]
    ) -> AnchorPart:
        after = parts[-1].after if parts else None
        page = self.books.page(after=after, limit=ITEMS_PER_PAGE)
        faults = [
            BookFault(rule=Rule.READABLE, owner_id=None, what=f"{key} is not what we write")
            for key in page.unreadable
        ]
        faults += self._confirmed_state(page)
        heads: list[AnchoredHead] = []
        for owner in page.owners:
            found = self.audit_owner(owner, anchored=anchored.get(owner))
            faults += found.faults
            if found.head is not None:
                heads.append(found.head)
        return AnchorPart(
            number=len(parts) + 1, heads=tuple(heads), faults=tuple(faults), after=page.after
        )

    def audit_owner(
        self, owner_id: OwnerId, *, anchored: AnchoredHead | None = None
    ) -> "OwnerAudit":
        """Return the owner's head, and the faults in their books that a second look confirms."""
        first = self._look(owner_id, anchored)
        if not first.faults:
            return first
        self.clock.sleep(SECOND_LOOK_SECONDS)
        second = self._look(owner_id, anchored)
        confirmed = tuple(fault for fault in second.faults if fault in first.faults)
        return OwnerAudit(head=second.head, faults=confirmed)

    def _look(self, owner_id: OwnerId, anchored: AnchoredHead | None) -> "OwnerAudit":
        try:
            # The account first: later reads find everything that its number covers.
            account = self.ledger.account(owner_id)
            entries = self._entries(account)
            clips = self.books.clips(owner_id)
            books = OwnerBooks(
                account=account,
                entries=entries,
                guards=self.books.guards(
                    [cause_of(each) for each in entries if each.kind not in OF_GENERATIONS]
                ),
                clips=clips,
                holds=self.books.holds(_holds_of(entries, clips)),
                anchored=anchored,
            )
        except (UnreadableBooks, AssertionError, AttributeError, TypeError, ValueError) as error:
            # A negative number or an unknown word: our code did not write it.
            what = f"the books cannot be read: {type(error).__name__}"
            fault = BookFault(rule=Rule.READABLE, owner_id=owner_id, what=what)
            return OwnerAudit(head=None, faults=(fault,))
        head = AnchoredHead(owner_id=owner_id, seq=account.seq, hash=account.chain_hash)
        return OwnerAudit(head=head, faults=tuple(check_books(books)))

    def _entries(self, account: CreditAccount) -> list[Entry]:
        """Return all entries up to the account's number, oldest first."""
        found: list[Entry] = []
        before: int | None = account.seq + 1
        while before is not None and before > 1:
            page = self.ledger.entries(account.owner_id, before=before, limit=MAX_PAGE)
            found += page.entries
            before = page.next_before
        return found[::-1]

    def _confirmed_state(self, page: StatePage) -> list[BookFault]:
        first = self._state(page)
        if not first:
            return []
        self.clock.sleep(SECOND_LOOK_SECONDS)
        return [fault for fault in self._state(page) if fault in first]

    def _state(self, page: StatePage) -> list[BookFault]:
        """Return the faults in the guards and holds of *page*, compared with their entries."""
        at = self.clock.now()
        places = {(guard.owner_id, guard.seq) for guard in page.guards}
        places |= {(each.hold.owner_id, each.hold.opened_seq) for each in page.holds}
        try:
            entries = self.books.entries_at(places)
        except UnreadableBooks as error:
            # The audit of its owner reports it.
            return [BookFault(rule=Rule.READABLE, owner_id=None, what=str(error))]
        faults = [
            check_guard(guard, entries.get((guard.owner_id, guard.seq))) for guard in page.guards
        ]
        found = [fault for fault in faults if fault is not None]
        for each in page.holds:
            entry = entries.get((each.hold.owner_id, each.hold.opened_seq))
            found += check_hold(each.hold, entry, listed=each.listed, at=at)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerAudit:
    """The result of one owner's audit; no head if the account cannot be read."""

    head: AnchoredHead | None
    faults: tuple[BookFault, ...]


def _holds_of(entries: Sequence[Entry], clips: Sequence[Clip]) -> set[HoldId]:
    """Return every hold that an entry or a clip mentions."""
    placed = {HoldId(each.reference) for each in entries if each.kind is EntryKind.HOLD}
    paying = (clip for clip in clips if not clip.free)
    return placed | {each.hold_id for clip in paying for each in clip.attempts}


def _gone(owner_id: OwnerId) -> BookFault:
    return BookFault(
        rule=Rule.ANCHOR, owner_id=owner_id, seq=1, what="the account is gone since the last anchor"
    )
