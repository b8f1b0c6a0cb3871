"""Response models for settings and errors; problem documents too."""

from typing import Annotated

from pydantic import (
    Field,
)

from echoes.domain.clips.clip import Motion
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import ErrorCode
from echoes.http.billing.schemas import Pack
from echoes.http.contract.schema import Identifier, Schema, Whole


class DurationLimits(Schema):
    """How long a clip may be, in seconds."""

    minimum: int
    maximum: int


class RightsText(Schema):
    """What users confirm when they upload music. Show it beside the checkbox."""

    version: str
    text: str


class MusicLimits(Schema):
    """The limits for uploaded music."""

    bytes: int
    seconds: int
    pieces: Annotated[int, Field(description="Tracks that one user can keep")]
    content_types: list[str]
    title_length: int
    rights: RightsText


class Limits(Schema):
    """The limits a client should know before it sends a request."""

    photos_per_upload: int
    photo_bytes: int
    content_types: list[str]
    duration_seconds: DurationLimits
    prompt_length: int
    regenerations: int
    ratios: list[Ratio]
    motions: list[Motion]
    page_size: int
    music: MusicLimits


class Prices(Schema):
    """The price of a clip: `credits` for every `per_seconds` or part of them."""

    credits: int
    per_seconds: int


class Configuration(Schema):
    """Settings that clients should not hard-code."""

    poll_interval_seconds: int
    free_clip_available: bool
    limits: Limits
    prices: Prices
    versions: dict[str, str]


class CatalogueEntry(Schema):
    """An error code and its title. `status` is null if no response ever has this code."""

    code: ErrorCode
    title: str
    status: int | None
    retryable: bool


class ErrorCatalogue(Schema):
    """Every error code."""

    items: list[CatalogueEntry]
    next_cursor: str | None


class FieldProblem(Schema):
    """One field error in a request."""

    field: str
    code: str
    message: str


class Problem(Schema):
    """Why a request failed (RFC 9457)."""

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    code: ErrorCode
    detail: str
    instance: str
    request_id: str
    retryable: bool
    errors: list[FieldProblem] = Field(default=[])


class CreditProblem(Problem):
    """Returned when there are too few credits. `pack` covers the gap, or is the largest one."""

    required: Whole
    available: Whole
    pack: Pack
    checkout_url: str
    clip_ids: Annotated[
        list[Identifier], Field(description="The unpaid clips, if a film was requested.")
    ] = Field(default=[])
    return_to: Annotated[
        str | None,
        Field(description="Where to return to after the checkout, if a film was requested."),
    ] = None
