"""Request and response models for quotes and clips."""

from typing import Annotated

from pydantic import (
    Field,
    StringConstraints,
)

from echoes.domain.clips.attempts import ClipStatus, Stage
from echoes.domain.clips.clip import (
    DURATIONS,
    MAX_PROMPT_UTF16_UNITS,
    MAX_SEED,
    REGENERATIONS,
    Motion,
)
from echoes.domain.clips.quotes import DEFAULT_SECONDS, MAX_QUOTED_CLIPS
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.schema import Identifier, Schema, Time, Url, Whole

MAX_QUOTE_LENGTH = 8192
"""A quote of fifty clips, each with its upload, takes half of it."""


SealedQuote = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", min_length=1, max_length=MAX_QUOTE_LENGTH)
]


class ClipOrder(Schema):
    """An order for a clip. By default it gets the nearest ratio and a random seed."""

    upload_id: Identifier
    project_id: Identifier | None = None
    motion: Motion = Motion.AUTO
    prompt: (
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_PROMPT_UTF16_UNITS)] | None
    ) = None
    duration_seconds: Annotated[int, Field(ge=DURATIONS.start, lt=DURATIONS.stop)] = 5
    ratio: Ratio | None = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    quote: (
        Annotated[
            SealedQuote,
            Field(description="The `quote` from `POST /v1/quotes`; it fixes the price."),
        ]
        | None
    ) = None


class ClipToQuote(Schema):
    """A clip to price. Without an upload, the price applies to any photo."""

    upload_id: Identifier | None = None
    duration_seconds: Annotated[int, Field(ge=DURATIONS.start, lt=DURATIONS.stop)] = DEFAULT_SECONDS


class QuoteRequest(Schema):
    """The clips to price."""

    clips: Annotated[list[ClipToQuote], Field(min_length=1, max_length=MAX_QUOTED_CLIPS)]


class QuotedClip(Schema):
    """A clip and its price."""

    upload_id: Identifier | None
    duration_seconds: int
    credits: Whole


class Quote(Schema):
    """The price of these clips until `expires_at`. Send `quote` with the order."""

    items: list[QuotedClip]
    credits: Whole
    available: Whole
    expires_at: Time
    quote: str


class ClipError(Schema):
    """Why the work failed, for people."""

    code: ErrorCode
    title: str
    retryable: bool


class Clip(Schema):
    """A clip and its current attempt."""

    id: Identifier
    status: ClipStatus
    stage: Stage
    progress: Annotated[float, Field(ge=0, le=1, strict=False)]
    upload_id: Identifier
    project_id: Identifier | None
    attempt: Annotated[int, Field(ge=1, le=REGENERATIONS + 1)]
    regenerations_left: Annotated[int, Field(ge=0, le=REGENERATIONS)]
    duration_seconds: int
    ratio: Ratio
    motion: Motion
    prompt: str | None
    seed: int
    provider: str
    credits: Whole
    watermarked: bool
    preview_url: Url | None
    poster_url: Url | None
    placeholder: str
    width: int
    height: int
    error: ClipError | None
    created_at: Time
    updated_at: Time
    completed_at: Time | None
    runway_job_id: Annotated[str | None, Field(description="Shown to admins only.")] = None


class Download(Schema):
    """A signed link to the video."""

    url: Url
    expires_at: Time
    watermarked: bool
