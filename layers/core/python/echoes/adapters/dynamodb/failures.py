"""Translates DynamoDB's errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import ConnectionError as ConnectionFailed
from botocore.exceptions import HTTPClientError
from pynamodb.exceptions import PynamoDBException, TransactWriteError

from echoes.domain.errors import Conflict, Unavailable

CONDITION_FAILED: Final = "ConditionalCheckFailed"

SOMEBODY_ELSE_WRITES: Final = frozenset(
    {
        CONDITION_FAILED,
        "ConditionalCheckFailedException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
NO_CAPACITY: Final = frozenset(
    {
        "InternalServerError",
        "ItemCollectionSizeLimitExceeded",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionInProgress",
    }
)
SERVER_FAULT: Final = "5"


def codes(error: PynamoDBException) -> frozenset[str]:
    """Return every code of the refusal, including those inside a transaction."""
    # Not `cause_response_code`: it breaks on transport errors, whose ``response`` is None.
    answer = getattr(error.cause, "response", None) or {}
    code = answer.get("Error", {}).get("Code")
    found = {code} if code else set()
    if isinstance(error, TransactWriteError):
        found |= {reason.code for reason in error.cancellation_reasons if reason}
    return frozenset(found)


def translate(error: PynamoDBException) -> Exception:
    """
    Return `Conflict` or `Unavailable` for *error*, or *error* itself if it is our mistake.

    A transaction refused for several reasons is `Conflict` if any of them is: nothing was stored.
    """
    given = codes(error)
    if given & SOMEBODY_ELSE_WRITES:
        return Conflict("another request changed this first")
    lost = isinstance(error.cause, ConnectionFailed | HTTPClientError)
    if lost or given & NO_CAPACITY or any(code.startswith(SERVER_FAULT) for code in given):
        return Unavailable("DynamoDB could not respond")
    return error


@contextmanager
def translated() -> Iterator[None]:
    """Raise DynamoDB's errors translated, with the original as the cause."""
    try:
        yield
    except PynamoDBException as error:
        meaning = translate(error)
        if meaning is error:
            raise
        raise meaning from error
