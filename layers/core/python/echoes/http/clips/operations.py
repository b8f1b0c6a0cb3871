"""The API's description of quotes and clips."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.clips.quotes import QuoteRoutes
from echoes.http.clips.routes import ClipRoutes
from echoes.http.clips.schemas import Clip, ClipOrder, Download, Quote, QuoteRequest
from echoes.http.clips.status import ClipStatusRoutes
from echoes.http.contract.operation import AN_ID, Operation, Success
from echoes.http.response import Caching

PAYING: Final = (
    ErrorCode.INSUFFICIENT_CREDITS,
    ErrorCode.FREE_CLIP_USED,
    ErrorCode.FREE_CLIP_PAUSED,
    ErrorCode.TRY_AGAIN,
)
CLIPS: Final = (
    Operation(
        route=QuoteRoutes.quote_clips,
        summary="Get a price for clips, fixed for 15 minutes",
        body=QuoteRequest,
        example={"clips": [{"upload_id": AN_ID, "duration_seconds": 10}]},
        refusals=(ErrorCode.FREE_CLIP_USED,),
        responses=(Success(status=HTTPStatus.OK, description="The prices", schema=Quote),),
    ),
    Operation(
        route=ClipRoutes.order_clip,
        summary="Order a clip from a photo; its credits are held until it is made",
        idempotent=True,
        body=ClipOrder,
        example={"upload_id": AN_ID, "motion": "zoom_in", "duration_seconds": 5},
        refusals=(*PAYING, ErrorCode.PHOTO_UNREADABLE, ErrorCode.NOT_FOUND),
        responses=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The queued clip",
                schema=Clip,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        route=ClipStatusRoutes.get_clip,
        summary="Get a clip and its progress",
        caching=Caching.REVALIDATE,
        conditional=True,
        responses=(
            Success(
                status=HTTPStatus.OK,
                description="The clip, with `Retry-After` until it has completed or failed",
                schema=Clip,
                headers=("ETag", "Retry-After"),
            ),
            Success(
                status=HTTPStatus.NOT_MODIFIED,
                description="Nothing has changed since",
                headers=("ETag", "Retry-After"),
            ),
        ),
    ),
    Operation(
        route=ClipRoutes.regenerate_clip,
        summary="Generate the clip again, up to three times",
        idempotent=True,
        refusals=(*PAYING, ErrorCode.REGENERATION_LIMIT, ErrorCode.CLIP_BUSY),
        responses=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The clip with its new attempt, queued",
                schema=Clip,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        route=ClipRoutes.cancel_clip,
        summary="Cancel the current attempt; its credits are released if the provider allows it",
        idempotent=True,
        refusals=(ErrorCode.TRY_AGAIN,),
        responses=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The clip; its cancellation was requested",
                schema=Clip,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        route=ClipRoutes.download_clip,
        summary="Get a signed link to the video, valid for an hour",
        refusals=(ErrorCode.CLIP_BUSY,),
        responses=(Success(status=HTTPStatus.OK, description="The link", schema=Download),),
    ),
    Operation(
        route=ClipRoutes.delete_clip,
        summary="Delete a clip and its media for good",
        refusals=(ErrorCode.CLIP_BUSY, ErrorCode.TRY_AGAIN),
        responses=(Success(status=HTTPStatus.NO_CONTENT, description="Deleted"),),
    ),
)
