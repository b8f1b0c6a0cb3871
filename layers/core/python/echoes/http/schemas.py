"""
What travels over HTTP: the fields of every request and every answer, in the words of the API.

Requests are parsed with these models. Answers are rendered by hand, because the function that is
asked most often does without pydantic; tests hold every answer to its model.
"""

from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from echoes.domain.clips.clip import (
    DURATIONS,
    MAX_PROMPT_UTF16_UNITS,
    MAX_SEED,
    REGENERATIONS,
    ClipStatus,
    Motion,
    Ratio,
    Stage,
)
from echoes.domain.clips.quotes import DEFAULT_SECONDS, MAX_QUOTED_CLIPS
from echoes.domain.credits.entries import EntryKind, EntryType
from echoes.domain.credits.postings import MAX_AMOUNT, MAX_REASON_LENGTH
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.music.tracks import Mood
from echoes.domain.purchases.orders import MAX_RETURN_LENGTH
from echoes.domain.uploads import MAX_PHOTO_BYTES, MAX_PHOTOS_PER_CALL, UploadState
from echoes.http.exchange import USER_ID
from echoes.http.times import RFC_3339, read_local_time, read_time

MAX_QUOTE_LENGTH = 8192
"""Fifty clips, each with its upload, are half of it."""


class Schema(BaseModel):
    """Nothing is converted silently, and nothing unknown is taken."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{24}$")]
Time = Annotated[
    AwareDatetime,
    BeforeValidator(read_time),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": RFC_3339}),
]
LocalTime = Annotated[
    AwareDatetime,
    BeforeValidator(read_local_time),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": RFC_3339}),
]
Url = Annotated[str, StringConstraints(min_length=1), Field(json_schema_extra={"format": "uri"})]
Whole = Annotated[int, Field(ge=0)]
SealedQuote = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", min_length=1, max_length=MAX_QUOTE_LENGTH)
]


class PhotoDescription(Schema):
    """One photo that is about to be sent."""

    filename: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    content_type: Literal["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"]
    bytes: Annotated[int, Field(ge=1, description=f"At most {MAX_PHOTO_BYTES}; more is a 413")]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    taken_at: Annotated[
        LocalTime | None,
        Field(description="With the offset of the place: titles say the day and time there."),
    ] = None


class UploadRequest(Schema):
    """The photos of one call."""

    photos: Annotated[list[PhotoDescription], Field(min_length=1, max_length=MAX_PHOTOS_PER_CALL)]


class PostForm(Schema):
    """Where to post the file; the fields come before it in the form."""

    url: Url
    fields: dict[str, str]


class UploadPlace(Schema):
    """A place for one photo, in the order of the request."""

    upload_id: Identifier
    post: PostForm
    expires_at: Time


class UploadPlaces(Schema):
    """The places of one call."""

    uploads: list[UploadPlace]


class Upload(Schema):
    """One photo, and what became of it."""

    upload_id: Identifier
    state: UploadState
    reason: str | None
    width: int | None
    height: int | None
    taken_at: Time | None
    placeholder: str | None
    preview_url: Url | None
    created_at: Time
    expires_at: Time


class ClipOrder(Schema):
    """A wish for a clip. What is left out is chosen: the nearest ratio, a new seed."""

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
            Field(description="What `POST /v1/quotes` gave: the clip costs what it says."),
        ]
        | None
    ) = None


class ClipToQuote(Schema):
    """A clip somebody thinks of; without an upload the price is that of any photo."""

    upload_id: Identifier | None = None
    duration_seconds: Annotated[int, Field(ge=DURATIONS.start, lt=DURATIONS.stop)] = DEFAULT_SECONDS


class QuoteRequest(Schema):
    """The clips of one quote."""

    clips: Annotated[list[ClipToQuote], Field(min_length=1, max_length=MAX_QUOTED_CLIPS)]


class QuotedClip(Schema):
    """One clip and its price."""

    upload_id: Identifier | None
    duration_seconds: int
    credits: Whole


class Quote(Schema):
    """What an order of these clips costs until `expires_at`; send `quote` along with it."""

    items: list[QuotedClip]
    credits: Whole
    available: Whole
    expires_at: Time
    quote: str


class ClipError(Schema):
    """Why a clip failed, for people."""

    code: ErrorCode
    title: str
    retryable: bool


class Clip(Schema):
    """A clip and its present attempt."""

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
    """A signed address of the video."""

    url: Url
    expires_at: Time
    watermarked: bool


class Balance(Schema):
    """What an account has. The balance is what can be spent."""

    balance: Whole
    held: Whole
    debt: Whole
    version: Whole
    available: Whole


class Transaction(Schema):
    """One change of what can be spent."""

    id: str
    type: EntryType
    kind: EntryKind
    amount: int
    reference_id: str
    balance_after: Whole
    description: str
    created_at: Time


class Transactions(Schema):
    """Changes, newest first."""

    items: list[Transaction]
    next_cursor: str | None


class Adjustment(Schema):
    """A correction an operator makes, and why."""

    user_id: Annotated[str, StringConstraints(pattern=f"^{USER_ID}$")]
    amount: Annotated[
        int,
        Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT, json_schema_extra={"not": {"const": 0}}),
    ]
    reason: Annotated[
        str, StringConstraints(min_length=1, max_length=MAX_REASON_LENGTH, pattern=r"\S")
    ]
    ticket: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._#/-]{1,100}$")]


class Guest(Schema):
    """A token for somebody without an account."""

    token: str
    expires_at: Time
    guest_id: str


class DurationLimits(Schema):
    """How long a clip may be."""

    minimum: int
    maximum: int


class RightsText(Schema):
    """What somebody agrees to who uses their own music. Show it beside the box to tick."""

    version: str
    text: str


class MusicLimits(Schema):
    """The bounds of one's own music."""

    bytes: int
    seconds: int
    pieces: Annotated[int, Field(description="That one person keeps")]
    content_types: list[str]
    title_length: int
    rights: RightsText


class Limits(Schema):
    """The bounds a client should know before it asks."""

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
    """What a clip costs: so many credits for every so many seconds begun."""

    credits: int
    per_seconds: int


class Configuration(Schema):
    """What clients should not hard-code."""

    poll_interval_seconds: int
    free_clip_available: bool
    limits: Limits
    prices: Prices
    versions: dict[str, str]


class CatalogueEntry(Schema):
    """An error code and its words. ``status`` is null where it never answers a request."""

    code: ErrorCode
    title: str
    status: int | None
    retryable: bool


class ErrorCatalogue(Schema):
    """Every error code."""

    items: list[CatalogueEntry]
    next_cursor: str | None


class BeatGrid(Schema):
    """Beats as film frames: cut a film there, and it is cut on the beat."""

    frames_per_second: Annotated[int, Field(ge=1)]
    first_beat_frame: Whole
    beat_frames: Annotated[int, Field(ge=1)]
    beats_per_bar: Annotated[int, Field(ge=1)]


class MusicTrack(Schema):
    """Music a film can have. It begins again after its length, on a beat, without a gap."""

    id: str
    title: str
    mood: Mood
    description: str
    duration_seconds: Annotated[float, Field(gt=0, strict=False)]
    tempo_bpm: Annotated[int, Field(ge=1)]
    beat_grid: BeatGrid
    loudness_lufs: float
    author: str
    licence: Annotated[str, Field(description="An SPDX identifier")]
    preview_url: Annotated[Url, Field(description="Signed; asked for again after an hour")]


class Music(Schema):
    """All music films can have."""

    items: list[MusicTrack]
    next_cursor: str | None


class FieldProblem(Schema):
    """One thing wrong with a request."""

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
    errors: list[FieldProblem] = []


class Pack(Schema):
    """Credits as they are sold; the amount is before tax."""

    id: str
    version: int
    credits: Annotated[int, Field(ge=1)]
    amount_cents: Annotated[int, Field(ge=1)]
    currency: Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")]


class Packs(Schema):
    """What is for sale, smallest first."""

    items: list[Pack]
    next_cursor: str | None


class CheckoutOrder(Schema):
    """What somebody wants to buy, and to which of our pages they want to come back."""

    pack_id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,50}$")]
    return_to: (
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_RETURN_LENGTH)] | None
    ) = None


class CheckoutError(Schema):
    """What to tell the buyer beside the state."""

    code: ErrorCode
    title: str
    retryable: bool


class CheckoutSession(Schema):
    """An order of credits. ``url`` is the page to pay on, while it is open."""

    id: Identifier
    url: Url | None
    state: Literal["open", "awaiting_payment", "paid", "failed", "expired"]
    pack: Pack
    error: CheckoutError | None
    created_at: Time
    expires_at: Time


class WebhookReceipt(Schema):
    """That a message has arrived."""

    received: bool


class CreditProblem(Problem):
    """Why a request failed for want of credits, and the smallest pack that would do."""

    required: Whole
    available: Whole
    pack: Pack
    checkout_url: str
    clip_ids: Annotated[
        list[Identifier], Field(description="What is not paid for, when a film was wanted.")
    ] = []
    return_to: Annotated[
        str | None, Field(description="Where to come back to from the checkout, for a film.")
    ] = None
