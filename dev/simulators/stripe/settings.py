"""What can be set about the simulator, at the start and over the control endpoint."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

API_VERSION: Final = "2026-10-28.endive"
EXAMPLE_API_KEY: Final = "sk_test_" + "51Echoes" + "0" * 24
"""A well-formed key that opens nothing but the simulator."""
EXAMPLE_WEBHOOK_SECRET: Final = "whsec_" + "0" * 32


class Settings(BaseModel):
    """
    How Stripe behaves. Times are real seconds.

    `hold` keeps new events back until they are delivered by hand or released. `tax_percent` is
    added to sessions with automatic tax, `presentment_currency` shown to buyers of sessions with
    adaptive pricing. `pending_refunds` leaves refunds made over the API pending.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    hold: bool = False
    tax_percent: Annotated[float, Field(ge=0, le=50)] = 0.0
    presentment_currency: Annotated[str, Field(pattern="^[a-z]{3}$")] = "eur"
    presentment_rate: Annotated[float, Field(gt=0, le=10_000)] = 0.92
    pending_refunds: bool = False
    delivery_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0
    first_retry_seconds: Annotated[float, Field(gt=0, le=86_400)] = 1.0
    longest_retry_seconds: Annotated[float, Field(gt=0, le=86_400)] = 30.0
    max_attempts: Annotated[int, Field(ge=1, le=100)] = 16
