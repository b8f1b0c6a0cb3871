"""Use case: compare the ledger with the payment service every night."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from echoes.application.audit.audit_books import AuditStep
from echoes.application.ports.audit import Books
from echoes.application.ports.clock import Clock
from echoes.application.ports.purchases import Payments, Purchases
from echoes.domain.audit.books import BookFault, Cause
from echoes.domain.audit.payments import PaymentBooks, check_payment
from echoes.domain.credits.entries import Entry, EntryKind, EntryType
from echoes.domain.identifiers import CheckoutId
from echoes.domain.purchases.payment_keys import PaymentKey, PaymentObject

WINDOW: Final = timedelta(days=3)
"""
Each payment is compared on three nights. Later refunds and disputes are left to webhooks and the
sweep, which compare the same numbers.
"""

SETTLING: Final = timedelta(hours=2)
"""Younger payments may still be in progress: the hourly sweep has not checked them twice."""

GUARDS_PER_PAGE: Final = 500

SECOND_LOOK_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPayments:
    """Compare both ways (R4, R5): from paid checkouts to purchases, and from those back."""

    payments: Payments
    purchases: Purchases
    books: Books
    clock: Clock
    live: bool

    def __call__(self, *, until: datetime) -> Iterator[AuditStep]:
        """
        Compare the payments of the last days; stop when *until* is reached.

        May be repeated freely. Raises `Unavailable`: the next run compares the rest.
        """
        now = self.clock.now()
        seen: set[CheckoutId] = set()
        for checkout_id in self.payments.completed(since=now - WINDOW):
            if self.clock.now() >= until:
                return
            seen.add(checkout_id)
            yield AuditStep(owners=0, faults=self._confirmed(checkout_id))
        for entry in self._recent_grants(since=now - WINDOW):
            if self.clock.now() >= until:
                return
            checkout_id = CheckoutId(entry.reference)
            if checkout_id not in seen and entry.at < now - SETTLING:
                yield AuditStep(owners=0, faults=self._confirmed(checkout_id))

    def _confirmed(self, checkout_id: CheckoutId) -> tuple[BookFault, ...]:
        """Return what a second look still finds, because a webhook may be at work right now."""
        first = self._look(checkout_id)
        if not first:
            return ()
        self.clock.sleep(SECOND_LOOK_SECONDS)
        return tuple(fault for fault in self._look(checkout_id) if fault in first)

    def _look(self, checkout_id: CheckoutId) -> list[BookFault]:
        # Read the ledger after the service, so that postings made in the meantime are included.
        view = self.payments.look(PaymentKey(about=PaymentObject.CHECKOUT, id=checkout_id))
        cause = Cause((EntryType.PURCHASE.value, EntryKind.GRANT.value, checkout_id))
        guard = self.books.guards([cause]).get(cause)
        place = None if guard is None else (guard.owner_id, guard.seq)
        books = PaymentBooks(
            checkout_id=checkout_id,
            view=view,
            purchase=self.purchases.get(checkout_id),
            entry=None if place is None else self.books.entries_at([place]).get(place),
        )
        return check_payment(books, live=self.live)

    def _recent_grants(self, *, since: datetime) -> Iterator[Entry]:
        after: str | None = None
        while True:
            page = self.books.page(after=after, limit=GUARDS_PER_PAGE)
            places = [
                (guard.owner_id, guard.seq)
                for guard in page.guards
                if guard.cause[:2] == (EntryType.PURCHASE.value, EntryKind.GRANT.value)
            ]
            entries = self.books.entries_at(places).values()
            yield from (entry for entry in entries if entry.at >= since)
            after = page.after
            if after is None:
                return
