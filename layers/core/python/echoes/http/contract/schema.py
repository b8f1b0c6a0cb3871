"""
Request and response models: every field of the API.

Requests are parsed with these models. Responses are rendered by hand, because the busiest function
runs without pydantic; tests check every response against its model.
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
from echoes.domain.credits.entries import EntryKind, EntryType
from echoes.domain.credits.postings import MAX_AMOUNT, MAX_REASON_LENGTH
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.music.tracks import Mood
from echoes.domain.purchases.orders import MAX_RETURN_LENGTH
from echoes.domain.uploads import MAX_PHOTO_BYTES, MAX_PHOTOS_PER_CALL, UploadState
from echoes.http.request import USER_ID
from echoes.http.times import RFC_3339, read_local_time, read_time

MAX_QUOTE_LENGTH = 8192
"""A quote of fifty clips, each with its upload, takes half of it."""


class Schema(BaseModel):
    """Base model: no silent conversion, no unknown fields."""

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
    """A photo you are about to send."""

    filename: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    content_type: Literal["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"]
    bytes: Annotated[
        int, Field(ge=1, description=f"At most {MAX_PHOTO_BYTES}; a larger photo is a 413")
    ]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    taken_at: Annotated[
        LocalTime | None,
        Field(description="With the local UTC offset: titles show the local day and time."),
    ] = None


class UploadRequest(Schema):
    """The photos you are about to send."""

    photos: Annotated[list[PhotoDescription], Field(min_length=1, max_length=MAX_PHOTOS_PER_CALL)]


class PostForm(Schema):
    """The form to post the file with. Put `fields` before the file."""

    url: Url
    fields: dict[str, str]


class UploadPlace(Schema):
    """An upload slot for one photo."""

    upload_id: Identifier
    post: PostForm
    expires_at: Time


class UploadPlaces(Schema):
    """One upload slot per photo, in the order of the request."""

    uploads: list[UploadPlace]


class Upload(Schema):
    """An uploaded photo and its state."""

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


class Balance(Schema):
    """An account's credits. The balance is what can be spent."""

    balance: Whole
    held: Whole
    debt: Whole
    version: Whole
    available: Whole


class Transaction(Schema):
    """One change to the balance."""

    id: str
    type: EntryType
    kind: EntryKind
    amount: int
    reference_id: str
    balance_after: Whole
    description: str
    created_at: Time


class Transactions(Schema):
    """Changes to the balance, newest first."""

    items: list[Transaction]
    next_cursor: str | None


class Adjustment(Schema):
    """A correction by an operator, and its reason."""

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
    """A token for someone without an account."""

    token: str
    expires_at: Time
    guest_id: str


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


class BeatGrid(Schema):
    """Beats as film frames: cut there to cut on the beat."""

    frames_per_second: Annotated[int, Field(ge=1)]
    first_beat_frame: Whole
    beat_frames: Annotated[int, Field(ge=1)]
    beats_per_bar: Annotated[int, Field(ge=1)]


class MusicTrack(Schema):
    """A track for films. It loops on the beat, without a gap."""

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
    preview_url: Annotated[Url, Field(description="Signed; valid for an hour")]


class Music(Schema):
    """All tracks for films."""

    items: list[MusicTrack]
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
    errors: list[FieldProblem] = []


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


class CreditProblem(Problem):
    """Returned when there are too few credits. `pack` covers the gap, or is the largest one."""

    required: Whole
    available: Whole
    pack: Pack
    checkout_url: str
    clip_ids: Annotated[
        list[Identifier], Field(description="The unpaid clips, if a film was requested.")
    ] = []
    return_to: Annotated[
        str | None,
        Field(description="Where to return to after the checkout, if a film was requested."),
    ] = None
