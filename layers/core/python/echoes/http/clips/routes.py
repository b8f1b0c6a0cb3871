"""Ordering clips, trying again, cancelling, fetching the file, deleting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from echoes.application.clips.cancel_clip import CancelClip
from echoes.application.clips.create_clip_download_link import CreateClipDownloadLink
from echoes.application.clips.delete_clip import DeleteClip
from echoes.application.clips.order_clip import ClipRequest, OrderClip
from echoes.application.clips.regenerate_clip import RegenerateClip
from echoes.domain.clips.clip import Clip
from echoes.domain.clips.quotes import Quote
from echoes.domain.identifiers import ClipId, OwnerId, ProjectId, UploadId, derive_id
from echoes.http.admin_access import AuditedReads
from echoes.http.clips.quotes import QuoteSeals
from echoes.http.clips.views import accepted_body, accepted_response
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Audience, Caller, require_caller
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import written

if TYPE_CHECKING:
    from echoes.http.clips.schemas import ClipOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRoutes(Routes):
    """The routes under ``/v1/clips``, except the status."""

    order: OrderClip
    regenerate: RegenerateClip
    cancel: CancelClip
    link: CreateClipDownloadLink
    delete: DeleteClip
    reads: AuditedReads
    idempotency: Idempotency
    seals: QuoteSeals

    @route("POST", "/v1/clips", Audience.CALLERS, Throttle.ORDERING, function="generate-api")
    def order_clip(self, request: Request) -> Response:
        """Accept an order, at the quoted price if there is a quote."""
        from echoes.http.clips.schemas import ClipOrder

        caller = require_caller(request.caller)
        wanted = read_body(request, ClipOrder)
        quote = None
        if wanted.quote is not None:
            quote = self.seals.open(wanted.quote, owner_id=caller.subject)
        clip_request = _clip_request(caller, wanted, key=request.idempotency_key, quote=quote)
        kept = self.idempotency.once(
            request,
            payload=wanted.model_dump(mode="json", exclude_unset=True),
            act=lambda: accepted_body(self.order(clip_request)),
        )
        return accepted_response(kept.record, kept.headers)

    @route(
        "POST",
        "/v1/clips/{clip_id}/regenerations",
        Audience.CALLERS,
        Throttle.ORDERING,
        function="generate-api",
    )
    def regenerate_clip(self, request: Request) -> Response:
        """Begin another attempt at a clip."""
        return self._act_on_clip(request, self.regenerate)

    @route(
        "POST",
        "/v1/clips/{clip_id}/cancellation",
        Audience.CALLERS,
        Throttle.ORDERING,
        function="generate-api",
    )
    def cancel_clip(self, request: Request) -> Response:
        """Cancel the current attempt."""
        return self._act_on_clip(request, self.cancel)

    @route(
        "GET",
        "/v1/clips/{clip_id}/download",
        Audience.CALLERS,
        Throttle.READING,
        function="generate-api",
    )
    def download_clip(self, request: Request) -> Response:
        """Return a signed link to the video."""
        clip_id = ClipId(request.resource("clip_id"))
        link = self.reads.find(request, clip_id, lambda owner: self.link(owner, clip_id))
        return Response(
            body={
                "url": link.url,
                "expires_at": written(link.expires_at),
                "watermarked": link.watermarked,
            }
        )

    @route(
        "DELETE",
        "/v1/clips/{clip_id}",
        Audience.CALLERS,
        Throttle.ORDERING,
        function="generate-api",
    )
    def delete_clip(self, request: Request) -> Response:
        """Delete a clip and its media for good."""
        caller = require_caller(request.caller)
        self.delete(caller.subject, ClipId(request.resource("clip_id")))
        return Response(status=HTTPStatus.NO_CONTENT, body=None)

    def _act_on_clip(self, request: Request, act: Callable[[OwnerId, ClipId], Clip]) -> Response:
        owner = require_caller(request.caller).subject
        clip_id = ClipId(request.resource("clip_id"))
        kept = self.idempotency.once(
            request, payload=None, act=lambda: accepted_body(act(owner, clip_id))
        )
        return accepted_response(kept.record, kept.headers)


def _clip_request(
    caller: Caller, wanted: ClipOrder, *, key: str | None, quote: Quote | None
) -> ClipRequest:
    """Return the order. With a key its id is always the same, so it can never make two clips."""
    return ClipRequest(
        owner_id=caller.subject,
        clip_id=ClipId(derive_id(caller.subject, "clip", key)),
        upload_id=UploadId(wanted.upload_id),
        guest=caller.is_guest,
        project_id=ProjectId(wanted.project_id) if wanted.project_id else None,
        motion=wanted.motion,
        prompt=wanted.prompt,
        duration_seconds=wanted.duration_seconds,
        ratio=wanted.ratio,
        seed=wanted.seed,
        quote=quote,
    )
