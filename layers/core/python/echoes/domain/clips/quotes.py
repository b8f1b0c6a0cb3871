"""
Quotes: the price of an order, fixed for a while.

A quote binds us, not its owner: nothing is reserved or owed. Within its lifetime, an order that
names it costs exactly the quoted price, even if prices change; the same quote can be used again.
Quotes cannot be forged: `echoes.http.clips.quotes` signs them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from echoes.domain.clips.clip import DURATIONS, price_of
from echoes.domain.errors import FreeClipUsed, InvalidRequest
from echoes.domain.identifiers import Credits, OwnerId, UploadId

QUOTE_LIFETIME: Final = timedelta(minutes=15)
"""Long enough to choose a pack and pay; short enough that old prices die the same day."""

MAX_QUOTED_CLIPS: Final = 50
"""The number of photos one call may upload."""

DEFAULT_SECONDS: Final = 5
"""The length of a clip when the client names none: what one credit buys."""

PRICES_VERSION: Final = 1
"""The number of the price table; a quote names the one it was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedClip:
    """One clip and its price. Without an upload, it holds for any photo."""

    upload_id: UploadId | None
    duration_seconds: int
    credits: Credits


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What *owner_id* pays for *clips* until *expires_at*."""

    owner_id: OwnerId
    clips: tuple[QuotedClip, ...]
    prices_version: int
    expires_at: datetime

    @property
    def credits(self) -> Credits:
        """What all clips cost together."""
        return Credits(sum(clip.credits for clip in self.clips))


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedClip:
    """A clip to price."""

    upload_id: UploadId | None = None
    duration_seconds: int | None = None


def quote(
    owner_id: OwnerId, requests: Sequence[RequestedClip], *, free: bool, at: datetime
) -> Quote:
    """
    Return the prices of *requests* from *at* on; 0 for a guest's *free* clip.

    Raises:
        InvalidRequest: There is no clip, there are too many, or no provider makes that length.
        FreeClipUsed: A guest asked for more than one free clip.
    """
    if not 1 <= len(requests) <= MAX_QUOTED_CLIPS:
        raise InvalidRequest(f"a quote must have 1 to {MAX_QUOTED_CLIPS} clips", field="clips")
    if free and len(requests) > 1:
        raise FreeClipUsed("guests get one free clip")
    return Quote(
        owner_id=owner_id,
        clips=tuple(_price(number, request, free=free) for number, request in enumerate(requests)),
        prices_version=PRICES_VERSION,
        # Whole milliseconds, because that is what a sealed quote can say.
        expires_at=(at + QUOTE_LIFETIME).replace(microsecond=at.microsecond // 1000 * 1000),
    )


def quoted_price(
    quoted: Quote,
    *,
    owner_id: OwnerId,
    upload_id: UploadId,
    duration_seconds: int,
    at: datetime,
) -> Credits:
    """
    Return the price of a clip according to *quoted*.

    Raises:
        InvalidRequest: The quote has expired, belongs to another owner, or is for other clips.
    """
    if quoted.owner_id != owner_id:
        raise InvalidRequest("this quote is not valid", field="quote")
    if at >= quoted.expires_at:
        raise InvalidRequest("this quote has expired; request a new one", field="quote")
    for clip in quoted.clips:
        named = clip.upload_id is None or clip.upload_id == upload_id
        if named and clip.duration_seconds == duration_seconds:
            return clip.credits
    raise InvalidRequest("this quote is for other clips", field="quote")


def _price(number: int, request: RequestedClip, *, free: bool) -> QuotedClip:
    seconds = request.duration_seconds or DEFAULT_SECONDS
    if seconds not in DURATIONS:
        raise InvalidRequest(
            "duration_seconds must be 2 to 10", field=f"clips.{number}.duration_seconds"
        )
    return QuotedClip(
        upload_id=request.upload_id,
        duration_seconds=seconds,
        credits=Credits(0) if free else price_of(seconds),
    )
