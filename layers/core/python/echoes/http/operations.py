"""
What every route promises: who may call it, what it takes, what it may answer.

``dev.openapi`` makes the API's description of it. Tests hold the routes of all functions to this
list, and every answer to its promise. No function imports it at run time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from echoes.domain.catalogue import ErrorCode
from echoes.http import operator_schemas, reward_schemas, schemas
from echoes.http.exchange import Caching
from echoes.http.film_schemas import Film, FilmDownload
from echoes.http.project_schemas import (
    BatchOrder,
    OrderedClips,
    Project,
    ProjectEdit,
    ProjectOrder,
    Projects,
)


class Audience(StrEnum):
    """Who may call a route."""

    ALL = "all"
    CALLERS = "guests and users"
    USERS = "users"
    ADMINS = "admins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """An answer that is no error. ``headers`` names those a client may rely on."""

    status: HTTPStatus
    description: str
    schema: type[schemas.Schema] | None = None
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    name: str
    summary: str
    audience: Audience
    function: str
    answers: tuple[Success, ...]
    body: type[schemas.Schema] | None = None
    example: Mapping[str, object] | None = None
    caching: Caching = Caching.NEVER
    refusals: tuple[ErrorCode, ...] = ()
    idempotent: bool = False
    paged: bool = False
    conditional: bool = False
    editing: bool = False

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """The names between braces."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @property
    def codes(self) -> tuple[ErrorCode, ...]:
        """Every code the route may be refused with, those of the gateway among them."""
        codes = list(GATEWAY)
        if self.audience is not Audience.ALL:
            codes.append(ErrorCode.UNAUTHORIZED)
        if self.body:
            codes.append(ErrorCode.INVALID_REQUEST)
        if self.idempotent:
            codes += IDEMPOTENCY
        if self.path_parameters:
            codes.append(ErrorCode.NOT_FOUND)
        if self.editing:
            codes += EDITING
        return tuple(dict.fromkeys([*codes, *self.refusals]))


GATEWAY: Final = (
    ErrorCode.FORBIDDEN,
    ErrorCode.REQUEST_TOO_LARGE,
    ErrorCode.RATE_LIMITED,
    ErrorCode.INTERNAL_ERROR,
)
IDEMPOTENCY: Final = (
    ErrorCode.IDEMPOTENCY_MISMATCH,
    ErrorCode.IDEMPOTENCY_IN_PROGRESS,
)
EDITING: Final = (
    ErrorCode.STALE_EDIT,
    ErrorCode.VERSION_REQUIRED,
    ErrorCode.TRY_AGAIN,
)
PAYING: Final = (
    ErrorCode.INSUFFICIENT_CREDITS,
    ErrorCode.FREE_CLIP_USED,
    ErrorCode.FREE_CLIP_PAUSED,
    ErrorCode.TRY_AGAIN,
)
AN_ID: Final = "mfzwizltoq3gk4tfonuxizlt"
PHOTO: Final = {"filename": "harbour.jpg", "content_type": "image/jpeg", "bytes": 482113}

INTERVENTION: Final = {"reason": "The bank warned of fraud", "ticket": "SUP-1044"}
POSTED_OR_ASKED: Final = (
    Success(
        status=HTTPStatus.CREATED,
        description="The entry in the ledger",
        schema=schemas.Transaction,
        headers=("Idempotency-Replayed",),
    ),
    Success(
        status=HTTPStatus.ACCEPTED,
        description="More than one operator may do alone: another one has to agree",
        schema=operator_schemas.AdjustmentRequest,
        headers=("Location", "Idempotency-Replayed"),
    ),
)
INTERVENED: Final = (
    Success(
        status=HTTPStatus.OK,
        description="The account as it is now",
        schema=operator_schemas.Account,
        headers=("Idempotency-Replayed",),
    ),
)

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/config",
        name="getConfig",
        summary="What clients should not hard-code",
        audience=Audience.ALL,
        function="account-api",
        caching=Caching.CATALOGUE,
        answers=(
            Success(status=HTTPStatus.OK, description="The settings", schema=schemas.Configuration),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/errors",
        name="listErrors",
        summary="Every error code, and the words people read",
        audience=Audience.ALL,
        function="account-api",
        caching=Caching.CATALOGUE,
        answers=(
            Success(
                status=HTTPStatus.OK, description="The catalogue", schema=schemas.ErrorCatalogue
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/music",
        name="listMusic",
        summary="Music for films, to be listened to and chosen",
        audience=Audience.ALL,
        function="account-api",
        caching=Caching.CATALOGUE,
        answers=(Success(status=HTTPStatus.OK, description="The tracks", schema=schemas.Music),),
    ),
    Operation(
        method="POST",
        path="/v1/guests",
        name="createGuest",
        summary="A token for one free clip, without an account",
        audience=Audience.ALL,
        function="account-api",
        idempotent=True,
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The token, good for a day",
                schema=schemas.Guest,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/uploads",
        name="createUploads",
        summary="Places for 1 to 50 photos, to be sent straight to storage",
        audience=Audience.CALLERS,
        function="upload-api",
        idempotent=True,
        body=schemas.UploadRequest,
        example={"photos": [PHOTO]},
        refusals=(ErrorCode.PHOTO_TOO_LARGE,),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="One place a photo, in the order of the request",
                schema=schemas.UploadPlaces,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/uploads/{upload_id}",
        name="getUpload",
        summary="What became of a photo",
        audience=Audience.CALLERS,
        function="upload-api",
        answers=(Success(status=HTTPStatus.OK, description="The photo", schema=schemas.Upload),),
    ),
    Operation(
        method="POST",
        path="/v1/quotes",
        name="quoteClips",
        summary="What clips cost; the price is binding for a quarter of an hour",
        audience=Audience.CALLERS,
        function="generate-api",
        body=schemas.QuoteRequest,
        example={"clips": [{"upload_id": AN_ID, "duration_seconds": 10}]},
        refusals=(ErrorCode.FREE_CLIP_USED,),
        answers=(Success(status=HTTPStatus.OK, description="The prices", schema=schemas.Quote),),
    ),
    Operation(
        method="POST",
        path="/v1/clips",
        name="orderClip",
        summary="Order a clip of a photo; credits are held until it is made",
        audience=Audience.CALLERS,
        function="generate-api",
        idempotent=True,
        body=schemas.ClipOrder,
        example={"upload_id": AN_ID, "motion": "zoom_in", "duration_seconds": 5},
        refusals=(*PAYING, ErrorCode.PHOTO_UNREADABLE, ErrorCode.NOT_FOUND),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The clip, waiting",
                schema=schemas.Clip,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/clips/{clip_id}",
        name="getClip",
        summary="How a clip is doing",
        audience=Audience.CALLERS,
        function="status-api",
        caching=Caching.REVALIDATE,
        conditional=True,
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The clip; `Retry-After` until it is completed or failed",
                schema=schemas.Clip,
                headers=("ETag", "Retry-After"),
            ),
            Success(
                status=HTTPStatus.NOT_MODIFIED,
                description="It has not changed since",
                headers=("ETag", "Retry-After"),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/clips/{clip_id}/regenerations",
        name="regenerateClip",
        summary="Try again with a new attempt; three times at most",
        audience=Audience.CALLERS,
        function="generate-api",
        idempotent=True,
        refusals=(*PAYING, ErrorCode.REGENERATION_LIMIT, ErrorCode.CLIP_BUSY),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The clip with its new attempt, waiting",
                schema=schemas.Clip,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/clips/{clip_id}/cancellation",
        name="cancelClip",
        summary="Stop the present attempt; credits come back when the provider allows",
        audience=Audience.CALLERS,
        function="generate-api",
        idempotent=True,
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The clip, asked to stop",
                schema=schemas.Clip,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/clips/{clip_id}/download",
        name="downloadClip",
        summary="A signed address of the video, good for an hour",
        audience=Audience.CALLERS,
        function="generate-api",
        refusals=(ErrorCode.CLIP_BUSY,),
        answers=(
            Success(status=HTTPStatus.OK, description="The address", schema=schemas.Download),
        ),
    ),
    Operation(
        method="DELETE",
        path="/v1/clips/{clip_id}",
        name="deleteClip",
        summary="Remove a clip and its media for good",
        audience=Audience.CALLERS,
        function="generate-api",
        refusals=(ErrorCode.CLIP_BUSY, ErrorCode.TRY_AGAIN),
        answers=(Success(status=HTTPStatus.NO_CONTENT, description="It is gone"),),
    ),
    Operation(
        method="GET",
        path="/v1/projects",
        name="listProjects",
        summary="The projects, newest first",
        audience=Audience.USERS,
        function="projects-api",
        caching=Caching.LISTED,
        conditional=True,
        paged=True,
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="A page",
                schema=Projects,
                headers=("ETag",),
            ),
            Success(
                status=HTTPStatus.NOT_MODIFIED,
                description="It has not changed since",
                headers=("ETag",),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/projects",
        name="createProject",
        summary="Begin a project",
        audience=Audience.USERS,
        function="projects-api",
        idempotent=True,
        body=ProjectOrder,
        example={"title": "Summer at the lake", "transition": "cross_fade"},
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The project, empty",
                schema=Project,
                headers=("ETag", "Location", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/projects/{project_id}",
        name="getProject",
        summary="A project with everything its page needs",
        audience=Audience.USERS,
        function="projects-api",
        caching=Caching.REVALIDATE,
        conditional=True,
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The project; `Retry-After` while one of its clips is being made",
                schema=Project,
                headers=("ETag", "Retry-After"),
            ),
            Success(
                status=HTTPStatus.NOT_MODIFIED,
                description="It has not changed since",
                headers=("ETag", "Retry-After"),
            ),
        ),
    ),
    Operation(
        method="PATCH",
        path="/v1/projects/{project_id}",
        name="editProject",
        summary="Change a project; clips left out of `clip_ids` are removed, and may come back",
        audience=Audience.USERS,
        function="projects-api",
        editing=True,
        body=ProjectEdit,
        example={"title": "Summer", "music_track_id": None, "transition": "dip"},
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The project as it is now",
                schema=Project,
                headers=("ETag",),
            ),
        ),
    ),
    Operation(
        method="DELETE",
        path="/v1/projects/{project_id}",
        name="deleteProject",
        summary="Remove a project; its clips and their media go a day later",
        audience=Audience.USERS,
        function="projects-api",
        editing=True,
        answers=(Success(status=HTTPStatus.NO_CONTENT, description="It is gone"),),
    ),
    Operation(
        method="POST",
        path="/v1/projects/{project_id}/clips",
        name="orderProjectClips",
        summary="Order clips of up to 50 photos, all of them or none",
        audience=Audience.USERS,
        function="projects-api",
        idempotent=True,
        body=BatchOrder,
        example={"photos": [{"upload_id": AN_ID, "motion": "zoom_in"}]},
        refusals=(
            ErrorCode.INSUFFICIENT_CREDITS,
            ErrorCode.TRY_AGAIN,
            ErrorCode.PHOTO_UNREADABLE,
        ),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="One clip a photo, in the order of the request, waiting",
                schema=OrderedClips,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/projects/{project_id}/films",
        name="orderFilm",
        summary="Assemble the film of a project as it is now; it costs nothing more",
        audience=Audience.USERS,
        function="assemble-api",
        idempotent=True,
        refusals=(
            ErrorCode.PAYMENT_REQUIRED,
            ErrorCode.CLIP_BUSY,
            ErrorCode.INVALID_REQUEST,
            ErrorCode.TRY_AGAIN,
        ),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The film, waiting",
                schema=Film,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/films/{film_id}",
        name="getFilm",
        summary="How a film is doing",
        audience=Audience.USERS,
        function="status-api",
        caching=Caching.REVALIDATE,
        conditional=True,
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The film; `Retry-After` until it is completed or failed",
                schema=Film,
                headers=("ETag", "Retry-After"),
            ),
            Success(
                status=HTTPStatus.NOT_MODIFIED,
                description="It has not changed since",
                headers=("ETag", "Retry-After"),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/films/{film_id}/cancellation",
        name="cancelFilm",
        summary="Stop assembling a film",
        audience=Audience.USERS,
        function="assemble-api",
        idempotent=True,
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The film, cancelled unless it had ended before",
                schema=Film,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/films/{film_id}/download",
        name="downloadFilm",
        summary="A signed address of the film, good for an hour",
        audience=Audience.USERS,
        function="assemble-api",
        refusals=(ErrorCode.FILM_BUSY, ErrorCode.PAYMENT_REQUIRED),
        answers=(Success(status=HTTPStatus.OK, description="The address", schema=FilmDownload),),
    ),
    Operation(
        method="GET",
        path="/v1/credits",
        name="getCredits",
        summary="What can be spent, and what is held",
        audience=Audience.USERS,
        function="account-api",
        answers=(Success(status=HTTPStatus.OK, description="The account", schema=schemas.Balance),),
    ),
    Operation(
        method="GET",
        path="/v1/credits/transactions",
        name="listTransactions",
        summary="Every change of what can be spent, newest first",
        audience=Audience.USERS,
        function="account-api",
        paged=True,
        answers=(Success(status=HTTPStatus.OK, description="A page", schema=schemas.Transactions),),
    ),
    Operation(
        method="GET",
        path="/v1/credit-packs",
        name="listCreditPacks",
        summary="What credits cost",
        audience=Audience.ALL,
        function="billing-api",
        caching=Caching.CATALOGUE,
        answers=(Success(status=HTTPStatus.OK, description="The packs", schema=schemas.Packs),),
    ),
    Operation(
        method="POST",
        path="/v1/checkout-sessions",
        name="createCheckoutSession",
        summary="Order a pack of credits; it is paid for on the page of its `url`",
        audience=Audience.USERS,
        function="billing-api",
        idempotent=True,
        body=schemas.CheckoutOrder,
        example={"pack_id": "starter", "return_to": "/projects"},
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The order, to be paid for",
                schema=schemas.CheckoutSession,
                headers=("Location", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/checkout-sessions/{checkout_session_id}",
        name="getCheckoutSession",
        summary="What became of an order; looks at the payment on the way",
        audience=Audience.CALLERS,
        function="billing-api",
        answers=(
            Success(status=HTTPStatus.OK, description="The order", schema=schemas.CheckoutSession),
        ),
    ),
    Operation(
        method="POST",
        path="/webhooks/stripe",
        name="receiveStripeEvent",
        summary="Stripe's messages, signed; 400 for anything else",
        audience=Audience.ALL,
        function="webhooks-ingest",
        answers=(
            Success(
                status=HTTPStatus.OK, description="It has arrived", schema=schemas.WebhookReceipt
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/referrals",
        name="getReferrals",
        summary="One's own invitation code, and what came of it",
        audience=Audience.USERS,
        function="account-api",
        answers=(
            Success(status=HTTPStatus.OK, description="The code", schema=reward_schemas.Referrals),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/referrals",
        name="claimReferral",
        summary="Say who invited one, once, before the first purchase",
        audience=Audience.USERS,
        function="account-api",
        idempotent=True,
        body=reward_schemas.ReferralClaim,
        example={"code": "7KQ4-M2XA"},
        refusals=(ErrorCode.REFERRAL_REFUSED, ErrorCode.TRY_AGAIN),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="It is noted; the numbers are one's own",
                schema=reward_schemas.Referrals,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/admin/v1/credits/adjustments",
        name="adjustCredits",
        summary="Correct somebody's credits, with a reason and a ticket",
        audience=Audience.ADMINS,
        function="admin-api",
        idempotent=True,
        body=schemas.Adjustment,
        example={
            "user_id": "5d0c3c9e-7f63-4d8e-9f1a-0a4b8f1f2f55",
            "amount": 10,
            "reason": "The film arrived a day late",
            "ticket": "SUP-1042",
        },
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=POSTED_OR_ASKED,
    ),
    Operation(
        method="GET",
        path="/admin/v1/credits/adjustments/{adjustment_id}",
        name="getAdjustment",
        summary="What another operator wants to happen to somebody's credits",
        audience=Audience.ADMINS,
        function="admin-api",
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The request",
                schema=operator_schemas.AdjustmentRequest,
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/admin/v1/credits/adjustments/{adjustment_id}/approval",
        name="approveAdjustment",
        summary="Agree to what another operator asked for, within a week; it is done at once",
        audience=Audience.ADMINS,
        function="admin-api",
        idempotent=True,
        refusals=(
            ErrorCode.SECOND_OPERATOR_NEEDED,
            ErrorCode.INVALID_REQUEST,
            ErrorCode.TRY_AGAIN,
        ),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The entry in the ledger",
                schema=schemas.Transaction,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/admin/v1/credits/write-offs",
        name="writeOffDebt",
        summary="Give up a debt, or a part of it, with a reason and a ticket",
        audience=Audience.ADMINS,
        function="admin-api",
        idempotent=True,
        body=operator_schemas.WriteOff,
        example={
            "user_id": "5d0c3c9e-7f63-4d8e-9f1a-0a4b8f1f2f55",
            "amount": 3,
            "reason": "The bank sided with a thief",
            "ticket": "SUP-1043",
        },
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=POSTED_OR_ASKED,
    ),
    Operation(
        method="GET",
        path="/admin/v1/accounts/{user_id}",
        name="getAccount",
        summary="Somebody's credits; the look is noted",
        audience=Audience.ADMINS,
        function="admin-api",
        answers=(
            Success(
                status=HTTPStatus.OK, description="The account", schema=operator_schemas.Account
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/admin/v1/accounts/{user_id}/transactions",
        name="listAccountTransactions",
        summary="Every entry of somebody's account, newest first; the look is noted",
        audience=Audience.ADMINS,
        function="admin-api",
        paged=True,
        answers=(
            Success(status=HTTPStatus.OK, description="A page", schema=operator_schemas.Journal),
        ),
    ),
    Operation(
        method="POST",
        path="/admin/v1/accounts/{user_id}/freeze",
        name="freezeAccount",
        summary="Stop somebody from spending",
        audience=Audience.ADMINS,
        function="admin-api",
        idempotent=True,
        body=operator_schemas.Intervention,
        example=INTERVENTION,
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=INTERVENED,
    ),
    Operation(
        method="POST",
        path="/admin/v1/accounts/{user_id}/thaw",
        name="thawAccount",
        summary="Let somebody spend again",
        audience=Audience.ADMINS,
        function="admin-api",
        idempotent=True,
        body=operator_schemas.Intervention,
        example=INTERVENTION,
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=INTERVENED,
    ),
    Operation(
        method="POST",
        path="/admin/v1/stripe-events/{event_id}/replay",
        name="replayStripeEvent",
        summary="Look again at the payment an event of Stripe was about",
        audience=Audience.ADMINS,
        function="admin-api",
        idempotent=True,
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="It is queued",
                schema=operator_schemas.Replay,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
)
