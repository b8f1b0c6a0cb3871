"""
Runway's failure codes in our terms. The set is open, so codes are matched by their beginning.

Whatever the code, the user's credits are released. Nothing is retried automatically, because
Runway charges for most tries and suspends accounts that repeat moderated requests.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from echoes.domain.error_catalogue import ErrorCode


class Kind(StrEnum):
    """The kind of failure, for operators."""

    MODERATION = "moderation"
    BAD_INPUT = "bad_input"
    BAD_OUTPUT = "bad_output"
    TRANSIENT = "transient"
    UNKNOWN = "unknown"


class RetryAdvice(StrEnum):
    """When the owner's next try can succeed."""

    CHANGED = "changed"
    """Only with another photo or other words."""

    NOW = "now"
    """At once: another seed is often enough."""

    LATER = "later"
    """After a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRule:
    """
    The meaning of codes that begin with ``prefix``.

    ``refunded`` is about Runway's credits; ours are always released.
    """

    prefix: str
    kind: Kind
    again: RetryAdvice
    error_code: ErrorCode
    refunded: bool | None
    """Whether Runway gives its credits back; ``None``: only ``cost`` tells."""


RULES: Final = (
    FailureRule(
        prefix="SAFETY.",
        kind=Kind.MODERATION,
        again=RetryAdvice.CHANGED,
        error_code=ErrorCode.MODERATION_BLOCKED,
        refunded=False,
    ),
    FailureRule(
        prefix="INPUT_PREPROCESSING.SAFETY.",
        kind=Kind.MODERATION,
        again=RetryAdvice.CHANGED,
        error_code=ErrorCode.MODERATION_BLOCKED,
        refunded=False,
    ),
    FailureRule(
        prefix="INPUT_PREPROCESSING.INTERNAL",
        kind=Kind.TRANSIENT,
        again=RetryAdvice.LATER,
        error_code=ErrorCode.GENERATION_FAILED,
        refunded=None,
    ),
    FailureRule(
        prefix="INTERNAL.BAD_OUTPUT",
        kind=Kind.BAD_OUTPUT,
        again=RetryAdvice.NOW,
        error_code=ErrorCode.GENERATION_FAILED,
        refunded=True,
    ),
    FailureRule(
        prefix="INTERNAL",
        kind=Kind.TRANSIENT,
        again=RetryAdvice.LATER,
        error_code=ErrorCode.GENERATION_FAILED,
        refunded=None,
    ),
    FailureRule(
        prefix="ASSET.INVALID",
        kind=Kind.BAD_INPUT,
        again=RetryAdvice.CHANGED,
        error_code=ErrorCode.PHOTO_UNREADABLE,
        refunded=None,
    ),
    FailureRule(
        prefix="THIRD_PARTY.UNAVAILABLE",
        kind=Kind.TRANSIENT,
        again=RetryAdvice.LATER,
        error_code=ErrorCode.PROVIDER_UNAVAILABLE,
        refunded=None,
    ),
    FailureRule(
        prefix="THIRD_PARTY.SAFETY",
        kind=Kind.MODERATION,
        again=RetryAdvice.CHANGED,
        error_code=ErrorCode.MODERATION_BLOCKED,
        refunded=False,
    ),
    FailureRule(
        prefix="THIRD_PARTY.",
        kind=Kind.BAD_INPUT,
        again=RetryAdvice.CHANGED,
        error_code=ErrorCode.PHOTO_UNREADABLE,
        refunded=None,
    ),
)
"""In order: the first matching prefix decides."""

NO_CODE: Final = FailureRule(
    prefix="",
    kind=Kind.TRANSIENT,
    again=RetryAdvice.LATER,
    error_code=ErrorCode.GENERATION_FAILED,
    refunded=None,
)
UNHEARD_OF: Final = FailureRule(
    prefix="",
    kind=Kind.UNKNOWN,
    again=RetryAdvice.NOW,
    error_code=ErrorCode.GENERATION_FAILED,
    refunded=None,
)


def rule_for(failure_code: str | None) -> FailureRule:
    """Return what *failure_code* means; an unknown code is an ordinary failure."""
    if not failure_code:
        return NO_CODE
    return next((rule for rule in RULES if failure_code.startswith(rule.prefix)), UNHEARD_OF)
