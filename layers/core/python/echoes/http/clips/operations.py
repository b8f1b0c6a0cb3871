"""Quotes and clips. What is described of each route."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.clips.schemas import Clip, ClipOrder, Download, Quote, QuoteRequest
from echoes.http.contract.operation import (
    AN_ID,
    PAYING,
    Audience,
    Operation,
    Success,
    Throttle,
)
from echoes.http.response import Caching

CLIPS: Final = (
    Operation(
        method="POST",
        path="/v1/quotes",
        name="quoteClips",
        summary="Get a price for clips, fixed for 15 minutes",
        audience=Audience.CALLERS,
        throttle=Throttle.ORDERING,
        function="generate-api",
        body=QuoteRequest,
        example={"clips": [{"upload_id": AN_ID, "duration_seconds": 10}]},
        refusals=(ErrorCode.FREE_CLIP_USED,),
        answers=(Success(status=HTTPStatus.OK, description="The prices", schema=Quote),),
    ),
    Operation(
        method="POST",
        path="/v1/clips",
        name="orderClip",
        summary="Order a clip from a photo; its credits are held until it is made",
        audience=Audience.CALLERS,
        throttle=Throttle.ORDERING,
        function="generate-api",
        idempotent=True,
        body=ClipOrder,
        example={"upload_id": AN_ID, "motion": "zoom_in", "duration_seconds": 5},
        refusals=(*PAYING, ErrorCode.PHOTO_UNREADABLE, ErrorCode.NOT_FOUND),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The queued clip",
                schema=Clip,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/clips/{clip_id}",
        name="getClip",
        summary="Get a clip and its progress",
        audience=Audience.CALLERS,
        throttle=Throttle.READING,
        function="status-api",
        caching=Caching.REVALIDATE,
        conditional=True,
        answers=(
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
        method="POST",
        path="/v1/clips/{clip_id}/regenerations",
        name="regenerateClip",
        summary="Generate the clip again, up to three times",
        audience=Audience.CALLERS,
        throttle=Throttle.ORDERING,
        function="generate-api",
        idempotent=True,
        refusals=(*PAYING, ErrorCode.REGENERATION_LIMIT, ErrorCode.CLIP_BUSY),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The clip with its new attempt, queued",
                schema=Clip,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/clips/{clip_id}/cancellation",
        name="cancelClip",
        summary="Cancel the current attempt; its credits are released if the provider allows it",
        audience=Audience.CALLERS,
        throttle=Throttle.ORDERING,
        function="generate-api",
        idempotent=True,
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="The clip; its cancellation was requested",
                schema=Clip,
                headers=("Location", "Retry-After", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/clips/{clip_id}/download",
        name="downloadClip",
        summary="Get a signed link to the video, valid for an hour",
        audience=Audience.CALLERS,
        throttle=Throttle.READING,
        function="generate-api",
        refusals=(ErrorCode.CLIP_BUSY,),
        answers=(Success(status=HTTPStatus.OK, description="The link", schema=Download),),
    ),
    Operation(
        method="DELETE",
        path="/v1/clips/{clip_id}",
        name="deleteClip",
        summary="Delete a clip and its media for good",
        audience=Audience.CALLERS,
        throttle=Throttle.ORDERING,
        function="generate-api",
        refusals=(ErrorCode.CLIP_BUSY, ErrorCode.TRY_AGAIN),
        answers=(Success(status=HTTPStatus.NO_CONTENT, description="Deleted"),),
    ),
)
