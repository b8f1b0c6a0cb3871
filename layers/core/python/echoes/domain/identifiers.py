"""
Identifiers, and the one unit of account.

Ids are derived from the owner and the client's idempotency key: the same request always has the
same id, and the ids of other owners cannot be guessed.
"""

import secrets
from base64 import b32encode
from hashlib import sha256
from typing import Final, NewType

OwnerId = NewType("OwnerId", str)
"""The owner of a resource: a Cognito ``sub``, or ``guest-…``. Part of every key."""

UploadId = NewType("UploadId", str)
MusicUploadId = NewType("MusicUploadId", str)
"""Uploaded music; a project can use it in place of a catalogue track."""

ClipId = NewType("ClipId", str)
AttemptId = NewType("AttemptId", str)
"""``<clip id>-<attempt number>``; also the name of the attempt's execution and of its hold."""

HoldId = NewType("HoldId", str)
REST: Final = "-rest"
"""How the hold of a batch's rest ends; those of clips end with the number of an attempt."""

ProjectId = NewType("ProjectId", str)
BatchId = NewType("BatchId", str)
FilmId = NewType("FilmId", str)
"""Also the name of the film's execution."""

ProviderTaskId = NewType("ProviderTaskId", str)
PackId = NewType("PackId", str)
AdjustmentId = NewType("AdjustmentId", str)
OrderId = NewType("OrderId", str)
"""An order of credits; also what the API calls the id of a checkout session."""

CheckoutId = NewType("CheckoutId", str)
"""The payment service's checkout session. Each pays for exactly one purchase."""

PaymentId = NewType("PaymentId", str)
"""The payment service's payment; a free order has none."""

Credits = NewType("Credits", int)
"""Whole credits: what users spend. Never cents."""

ID_BYTES: Final = 15
"""120 bits: unguessable, and 24 characters of base32 without padding."""


def derive_id(owner_id: OwnerId, purpose: str, key: str | None) -> str:
    """
    Return an opaque id of 24 lower-case letters and digits.

    The same *owner_id*, *purpose* and *key* (the client's idempotency key) always give the same
    id; without a key, every call gives a new one.
    """
    if key is None:
        digest = secrets.token_bytes(ID_BYTES)
    else:
        digest = sha256(f"{owner_id}\x1f{purpose}\x1f{key}".encode()).digest()[:ID_BYTES]
    return b32encode(digest).decode().lower()
