"""
Quotes over HTTP, and their seal.

A quote travels as an opaque text: its facts, and a MAC made with a key that signs nothing else.
A changed or forged quote is refused.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from echoes.application.clips.quote_clips import QuoteClips
from echoes.domain.clips.quotes import Quote, QuotedClip, RequestedClip
from echoes.domain.identifiers import Credits, OwnerId, UploadId
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.identity import Audience, require_caller
from echoes.http.parsing import read_body
from echoes.http.rejections import UnreadableRequest
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import written

MAC_BYTES: Final = 32
LAYOUT: Final = 1
"""Of what is sealed; another layout is another number, and is not mistaken for this one."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteSeals:
    """Seals and opens quotes. ``keys`` gives the present key first, then older ones."""

    keys: Callable[[], Sequence[bytes]]

    def seal(self, quote: Quote) -> str:
        """Return *quote* as clients carry it: opaque, and signed."""
        facts = (
            LAYOUT,
            quote.owner_id,
            quote.prices_version,
            (quote.expires_at - EPOCH) // MILLISECOND,
            [(clip.upload_id, clip.duration_seconds, clip.credits) for clip in quote.clips],
        )
        packed = json.dumps(facts, separators=(",", ":")).encode()
        return urlsafe_b64encode(_mac(self.keys()[0], packed) + packed).decode().rstrip("=")

    def open(self, sealed: str, *, owner_id: OwnerId) -> Quote:
        """
        Return the quote in *sealed*. Whether it still binds is for the order to say.

        Raises:
            UnreadableRequest: It is not valid, or not for this owner.
        """
        try:
            whole = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        except (Base64Error, ValueError):
            whole = b""
        mac, packed = whole[:MAC_BYTES], whole[MAC_BYTES:]
        # Base64 has several texts for the same bytes; only the one that was given out counts.
        canonical = urlsafe_b64encode(whole).decode().rstrip("=") == sealed
        ours = any(hmac.compare_digest(mac, _mac(key, packed)) for key in self.keys())
        if not (canonical and ours):
            raise UnreadableRequest("this quote is not valid", field="quote")
        quote = _unpack(packed)
        if quote.owner_id != owner_id:
            raise UnreadableRequest("this quote is not valid", field="quote")
        return quote


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRoutes(Routes):
    """The route for quotes."""

    quote: QuoteClips
    seals: QuoteSeals

    @route("POST", "/v1/quotes", Audience.CALLERS, Throttle.ORDERING, function="generate-api")
    def quote_clips(self, request: Request) -> Response:
        """Return a sealed price for clips."""
        from echoes.http.clips.schemas import QuoteRequest

        caller = require_caller(request.caller)
        wanted = read_body(request, QuoteRequest)
        offer = self.quote(
            caller.subject,
            [
                RequestedClip(
                    upload_id=UploadId(clip.upload_id) if clip.upload_id else None,
                    duration_seconds=clip.duration_seconds,
                )
                for clip in wanted.clips
            ],
            guest=caller.is_guest,
        )
        return Response(
            body={
                "items": [
                    {
                        "upload_id": clip.upload_id,
                        "duration_seconds": clip.duration_seconds,
                        "credits": clip.credits,
                    }
                    for clip in offer.quote.clips
                ],
                "credits": offer.quote.credits,
                "available": offer.available,
                "expires_at": written(offer.quote.expires_at),
                "quote": self.seals.seal(offer.quote),
            }
        )


def _unpack(packed: bytes) -> Quote:
    """Return what we packed ourselves: nobody else can have."""
    layout, owner_id, prices_version, expires_at, clips = json.loads(packed)
    if layout != LAYOUT:
        raise UnreadableRequest("this quote has an old format; request a new one", field="quote")
    return Quote(
        owner_id=OwnerId(owner_id),
        clips=tuple(
            QuotedClip(
                upload_id=None if upload_id is None else UploadId(upload_id),
                duration_seconds=seconds,
                credits=Credits(price),
            )
            for upload_id, seconds, price in clips
        ),
        prices_version=prices_version,
        expires_at=EPOCH + expires_at * MILLISECOND,
    )


def _mac(key: bytes, packed: bytes) -> bytes:
    return hmac.digest(key, packed, "sha256")
