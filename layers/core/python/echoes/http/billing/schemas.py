"""Request and response models for packs, checkouts and Stripe's events."""

from typing import Annotated, Literal

from pydantic import (
    Field,
    StringConstraints,
)

from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.purchases.orders import MAX_RETURN_LENGTH
from echoes.http.contract.schema import Identifier, Schema, Time, Url


class Pack(Schema):
    """A pack of credits. The amount excludes tax."""

    id: str
    version: int
    credits: Annotated[int, Field(ge=1)]
    amount_cents: Annotated[int, Field(ge=1)]
    currency: Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")]


class Packs(Schema):
    """All credit packs, smallest first."""

    items: list[Pack]
    next_cursor: str | None


class CheckoutOrder(Schema):
    """The pack to buy, and the page of the app to return to."""

    pack_id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,50}$")]
    return_to: (
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_RETURN_LENGTH)] | None
    ) = None


class CheckoutError(Schema):
    """What to tell the buyer, in addition to the state."""

    code: ErrorCode
    title: str
    retryable: bool


class CheckoutSession(Schema):
    """A checkout for a credit pack. `url` is the payment page while it is open."""

    id: Identifier
    url: Url | None
    state: Literal["open", "awaiting_payment", "paid", "failed", "expired"]
    pack: Pack
    error: CheckoutError | None
    created_at: Time
    expires_at: Time


class WebhookReceipt(Schema):
    """Confirms that the event was received."""

    received: bool


class Replay(Schema):
    """The Stripe event that will be processed again, and what it is about."""

    event_id: str
    about: str
    id: str
