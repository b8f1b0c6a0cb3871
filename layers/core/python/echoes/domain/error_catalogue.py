"""
The catalogue of error codes and the titles people read.

The first three titles are fixed by the product and must not change (ER5).
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class ErrorCode(StrEnum):
    """Stable codes that clients can switch on."""

    INSUFFICIENT_CREDITS = "insufficient_credits"
    GENERATION_FAILED = "generation_failed"
    UPLOAD_FAILED = "upload_failed"
    MODERATION_BLOCKED = "moderation_blocked"
    PHOTO_UNREADABLE = "photo_unreadable"
    PHOTO_TOO_LARGE = "photo_too_large"
    REGENERATION_LIMIT = "regeneration_limit"
    FREE_CLIP_USED = "free_clip_used"
    FREE_CLIP_PAUSED = "free_clip_paused"
    PAYMENT_REQUIRED = "payment_required"
    PAYMENT_DECLINED = "payment_declined"
    PAYMENT_PENDING = "payment_pending"
    STALE_EDIT = "stale_edit"
    VERSION_REQUIRED = "version_required"
    RATE_LIMITED = "rate_limited"
    INVALID_REQUEST = "invalid_request"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    REQUEST_TOO_LARGE = "request_too_large"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    IDEMPOTENCY_IN_PROGRESS = "idempotency_in_progress"
    CLIP_BUSY = "clip_busy"
    CLIP_CANCELLED = "clip_cancelled"
    FILM_BUSY = "film_busy"
    FILM_CANCELLED = "film_cancelled"
    FILM_FAILED = "film_failed"
    MUSIC_GONE = "music_gone"
    MUSIC_LIMIT = "music_limit"
    REFERRAL_REFUSED = "referral_refused"
    SECOND_OPERATOR_NEEDED = "second_operator_needed"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    TRY_AGAIN = "try_again"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The title of a code, and whether retrying the same request can help."""

    title: str
    retryable: bool = False


CATALOGUE: Final = MappingProxyType(
    {
        ErrorCode.INSUFFICIENT_CREDITS: Text(title="You need more credits to generate this clip"),
        ErrorCode.GENERATION_FAILED: Text(
            title="Something went wrong. Try regenerating this clip", retryable=True
        ),
        ErrorCode.UPLOAD_FAILED: Text(
            title="Upload failed. Please check your connection and try again", retryable=True
        ),
        ErrorCode.MODERATION_BLOCKED: Text(
            title="We can't animate this photo. Your credit is back: try another photo"
        ),
        ErrorCode.PHOTO_UNREADABLE: Text(
            title="We couldn't read this photo. Try saving it as JPEG"
        ),
        ErrorCode.PHOTO_TOO_LARGE: Text(
            title="This photo is too big. We'll make it smaller and try again"
        ),
        ErrorCode.REGENERATION_LIMIT: Text(
            title="You've used all 3 tries for this clip. Try another photo"
        ),
        ErrorCode.FREE_CLIP_USED: Text(title="You've used your free clip. Sign up to make more"),
        ErrorCode.FREE_CLIP_PAUSED: Text(
            title="Free clips are taking a break today. Come back tomorrow or sign up",
            retryable=True,
        ),
        ErrorCode.PAYMENT_REQUIRED: Text(
            title="This film needs credits before it can be downloaded without a watermark"
        ),
        ErrorCode.PAYMENT_DECLINED: Text(
            title="Your bank said no. You were not charged. Try another card"
        ),
        ErrorCode.PAYMENT_PENDING: Text(
            title="Payment is on its way. We'll add your credits as soon as it arrives",
            retryable=True,
        ),
        ErrorCode.STALE_EDIT: Text(
            title="This project changed on another device. We loaded the latest version"
        ),
        ErrorCode.VERSION_REQUIRED: Text(title="Say which version you want to change"),
        ErrorCode.RATE_LIMITED: Text(title="Too many requests. Try again shortly", retryable=True),
        ErrorCode.INVALID_REQUEST: Text(title="Something in this request isn't right"),
        ErrorCode.UNAUTHORIZED: Text(title="Please sign in"),
        ErrorCode.FORBIDDEN: Text(title="You can't do that"),
        ErrorCode.NOT_FOUND: Text(title="We couldn't find that"),
        ErrorCode.METHOD_NOT_ALLOWED: Text(title="That doesn't work here"),
        ErrorCode.REQUEST_TOO_LARGE: Text(title="This request is too large"),
        ErrorCode.IDEMPOTENCY_MISMATCH: Text(
            title="This request was already sent with other content"
        ),
        ErrorCode.IDEMPOTENCY_IN_PROGRESS: Text(
            title="This request is still running", retryable=True
        ),
        ErrorCode.CLIP_BUSY: Text(title="This clip is still being made", retryable=True),
        ErrorCode.CLIP_CANCELLED: Text(
            title="You cancelled this clip. Your credit is back", retryable=True
        ),
        ErrorCode.FILM_BUSY: Text(title="This film is still being made", retryable=True),
        ErrorCode.FILM_CANCELLED: Text(title="You cancelled this film", retryable=True),
        ErrorCode.FILM_FAILED: Text(
            title="We couldn't put this film together. Your clips are safe: try again",
            retryable=True,
        ),
        ErrorCode.MUSIC_GONE: Text(
            title="The music of this film was deleted. Choose other music and try again"
        ),
        ErrorCode.MUSIC_LIMIT: Text(
            title="Your music library is full. Delete a track to add another"
        ),
        ErrorCode.REFERRAL_REFUSED: Text(title="This invitation can't be used here"),
        ErrorCode.SECOND_OPERATOR_NEEDED: Text(title="A second operator must approve this"),
        ErrorCode.PROVIDER_UNAVAILABLE: Text(
            title="Our video studio is busy. Your credit is back: try again soon", retryable=True
        ),
        ErrorCode.TRY_AGAIN: Text(
            title="This changed in the meantime. Please try again", retryable=True
        ),
        ErrorCode.INTERNAL_ERROR: Text(title="Something went wrong on our side", retryable=True),
    }
)
"""Every code has a text; a test checks it."""
