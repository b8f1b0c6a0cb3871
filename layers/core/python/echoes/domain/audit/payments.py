"""
Reconciliation: payments at the payment service against purchases in the ledger.

R4: each of our paid checkouts is one purchase, with its credits, for its buyer; and the reverse.
R5: the credits reversed of a purchase are those that its refunds and disputes call for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from echoes.domain.audit.books import BookFault, Rule
from echoes.domain.credits.entries import Entry, EntryKind, EntryType
from echoes.domain.identifiers import CheckoutId, Credits
from echoes.domain.purchases.payments import PaymentView, Purchase, target_reversal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentBooks:
    """What both sides know of one checkout; ``None`` for nothing."""

    checkout_id: CheckoutId
    view: PaymentView | None
    """As the payment service shows it now."""

    purchase: Purchase | None
    entry: Entry | None
    """The purchase's grant in the ledger."""


def check_payment(books: PaymentBooks, *, live: bool) -> list[BookFault]:
    """Return all disagreements about one checkout."""
    return [*_sessions(books, live=live), *_reversals(books)]


def _sessions(books: PaymentBooks, *, live: bool) -> Iterator[BookFault]:
    view, purchase, entry = books.view, books.purchase, books.entry
    if purchase is None:
        if view is not None and _owed(view, live=live):
            yield _fault(books, Rule.SESSIONS, "was paid and bought nothing")
        if entry is not None:
            yield _fault(books, Rule.SESSIONS, "granted credits without a purchase")
        return
    if view is None or not view.checkout.paid:
        yield _fault(books, Rule.SESSIONS, "bought credits and was not paid")
    elif view.checkout.owner_id != purchase.owner_id:
        yield _fault(books, Rule.SESSIONS, "was paid by one and bought for another")
    elif view.checkout.amount_total != purchase.amount_total:
        yield _fault(books, Rule.SESSIONS, "was paid with another amount than was noted")
    granted = None if entry is None else (entry.type, entry.kind, entry.owner_id)
    if granted != (EntryType.PURCHASE, EntryKind.GRANT, purchase.owner_id):
        yield _fault(books, Rule.SESSIONS, "is a purchase without its entry")
    elif entry is not None and entry.posted_delta != purchase.credits:
        yield _fault(books, Rule.SESSIONS, "granted other credits than were bought")


def _owed(view: PaymentView, *, live: bool) -> bool:
    """Return whether the checkout is paid and not refunded."""
    checkout = view.checkout
    kept = view.charged == 0 or view.refunded < view.charged
    return checkout.ours and checkout.paid and checkout.live is live and kept


def _reversals(books: PaymentBooks) -> Iterator[BookFault]:
    view, purchase = books.view, books.purchase
    if view is None or purchase is None:
        return
    target: Credits = target_reversal(
        refunded=view.refunded,
        disputed=view.disputed,
        charged=view.charged,
        credits=purchase.credits,
    )
    if purchase.reversed != target:
        what = f"has {purchase.reversed} credits taken back, {target} should be"
        yield _fault(books, Rule.REVERSALS, what)


def _fault(books: PaymentBooks, rule: Rule, what: str) -> BookFault:
    known = books.purchase or books.entry
    owner = known.owner_id if known else None
    if owner is None and books.view is not None:
        owner = books.view.checkout.owner_id
    seq = None if books.entry is None else books.entry.seq
    what = f"checkout {books.checkout_id} {what}"
    return BookFault(rule=rule, owner_id=owner, seq=seq, what=what)
