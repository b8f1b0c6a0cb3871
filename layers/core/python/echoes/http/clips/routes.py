"""Ordering clips, trying again, cancelling, fetching the file, deleting."""

from http import HTTPStatus

from echoes.application.clips.cancel_clip import CancelClip
from echoes.application.clips.create_clip_download_link import CreateClipDownloadLink
from echoes.application.clips.delete_clip import DeleteClip
from echoes.application.clips.order_clip import ClipRequest, OrderClip
from echoes.application.clips.regenerate_clip import RegenerateClip
from echoes.domain.clips.quotes import Quote
from echoes.domain.identifiers import ClipId, ProjectId, UploadId, derive_id
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Route
from echoes.http.clips.quotes import QuoteSeals
from echoes.http.clips.schemas import ClipOrder
from echoes.http.clips.views import accepted_answer, accepted_body
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Caller, require_caller
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import written


def clip_routes(
    *,
    order_clip: OrderClip,
    regenerate_clip: RegenerateClip,
    cancel_clip: CancelClip,
    create_clip_download_link: CreateClipDownloadLink,
    delete_clip: DeleteClip,
    reads: AuditedReads,
    idempotency: Idempotency,
    seals: QuoteSeals,
) -> list[Route]:
    """Return the routes of the generate function."""

    def order(request: Request) -> Response:
        caller = require_caller(request.caller)
        wanted = read_body(request, ClipOrder)
        quote = None
        if wanted.quote is not None:
            quote = seals.open(wanted.quote, owner_id=caller.subject)
        clip_request = _clip_request(caller, wanted, key=request.idempotency_key, quote=quote)
        kept = idempotency.once(
            request,
            payload=wanted.model_dump(mode="json", exclude_unset=True),
            act=lambda: accepted_body(order_clip(clip_request)),
        )
        return accepted_answer(kept.record, kept.headers)

    def regenerate(request: Request) -> Response:
        caller = require_caller(request.caller)
        clip_id = ClipId(request.resource("clip_id"))
        kept = idempotency.once(
            request,
            payload=None,
            act=lambda: accepted_body(regenerate_clip(caller.subject, clip_id)),
        )
        return accepted_answer(kept.record, kept.headers)

    def cancel(request: Request) -> Response:
        caller = require_caller(request.caller)
        clip_id = ClipId(request.resource("clip_id"))
        kept = idempotency.once(
            request,
            payload=None,
            act=lambda: accepted_body(cancel_clip(caller.subject, clip_id)),
        )
        return accepted_answer(kept.record, kept.headers)

    def download(request: Request) -> Response:
        clip_id = ClipId(request.resource("clip_id"))
        link = reads.find(request, clip_id, lambda owner: create_clip_download_link(owner, clip_id))
        return Response(
            body={
                "url": link.url,
                "expires_at": written(link.expires_at),
                "watermarked": link.watermarked,
            }
        )

    def delete(request: Request) -> Response:
        caller = require_caller(request.caller)
        delete_clip(caller.subject, ClipId(request.resource("clip_id")))
        return Response(status=HTTPStatus.NO_CONTENT, body=None)

    clip = "/v1/clips/<clip_id>"
    return [
        Route(method="POST", pattern="/v1/clips", endpoint=order),
        Route(method="POST", pattern=f"{clip}/regenerations", endpoint=regenerate),
        Route(method="POST", pattern=f"{clip}/cancellation", endpoint=cancel),
        Route(method="GET", pattern=f"{clip}/download", endpoint=download),
        Route(method="DELETE", pattern=clip, endpoint=delete),
    ]


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
