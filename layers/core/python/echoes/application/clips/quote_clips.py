"""Use case: quote the price of clips."""

from collections.abc import Sequence
from dataclasses import dataclass

from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.domain.clips.quotes import Quote, RequestedClip, quote
from echoes.domain.credits.entries import NO_CREDITS
from echoes.domain.identifiers import Credits, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A quote, and the owner's available credits when it was made."""

    quote: Quote
    available: Credits


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteClips:
    """Quote the price of clips, fixed for 15 minutes. Stores nothing."""

    ledger: Ledger
    clock: Clock

    def __call__(
        self, owner_id: OwnerId, requests: Sequence[RequestedClip], *, guest: bool = False
    ) -> Offer:
        """
        Return the prices of *requests*; may be repeated freely.

        A quote needs no credits; the order does.

        Raises:
            InvalidRequest, FreeClipUsed: See `echoes.domain.clips.quotes.quote`.
        """
        made = quote(owner_id, requests, free=guest, at=self.clock.now())
        available = NO_CREDITS if guest else self.ledger.account(owner_id).available
        return Offer(quote=made, available=available)
