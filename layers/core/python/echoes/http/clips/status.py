"""``GET /v1/clips/{id}``: asked every five seconds by every open page, so it does little."""

from dataclasses import dataclass
from http import HTTPStatus

from echoes.application.clips.view_clip import ViewClip
from echoes.domain.identifiers import ClipId
from echoes.http.admin_access import AuditedReads
from echoes.http.clips.views import clip_body, waiting
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.etags import etag_of, matches, renewal
from echoes.http.identity import Audience, require_caller
from echoes.http.request import Request
from echoes.http.response import Caching, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipStatusRoutes(Routes):
    """The status of clips."""

    view: ViewClip
    reads: AuditedReads

    @route("GET", "/v1/clips/{clip_id}", Audience.CALLERS, Throttle.READING, function="status-api")
    def get_clip(self, request: Request) -> Response:
        """Return a clip and its progress, or that nothing has changed."""
        caller = require_caller(request.caller)
        clip_id, at = ClipId(request.resource("clip_id")), self.reads.clock.now()
        view = self.reads.find(request, clip_id, lambda owner: self.view(owner, clip_id))
        # Of the version, not of the body: signed links differ each time they are made.
        links = renewal((view.preview_url, view.poster_url), at=at)
        etag = etag_of(clip_id, view.clip.version, caller.is_admin, links)
        unchanged = matches(request.headers.get("if-none-match"), etag)
        return Response(
            status=HTTPStatus.NOT_MODIFIED if unchanged else HTTPStatus.OK,
            body=None if unchanged else clip_body(view, for_admin=caller.is_admin),
            headers={"ETag": etag, **waiting(view.clip)},
            caching=Caching.REVALIDATE,
        )
