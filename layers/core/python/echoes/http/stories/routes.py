"""Stories: a film proposed from photos, before anything is ordered."""

from dataclasses import dataclass

from echoes.application.stories.plan_story import PlanStory, StoryQuery
from echoes.domain.identifiers import UploadId
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.identity import Audience, require_caller
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.stories.views import story_body


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRoutes(Routes):
    """
    The route that proposes films.

    It stores nothing, so it needs no idempotency key: the same request gets the same response.
    """

    plan: PlanStory

    @route("POST", "/v1/stories", Audience.CALLERS, Throttle.ORDERING, function="projects-api")
    def plan_story(self, request: Request) -> Response:
        """Return a proposed film."""
        from echoes.http.stories.schemas import StoryRequest

        caller = require_caller(request.caller)
        wanted = read_body(request, StoryRequest)
        query = StoryQuery(
            owner_id=caller.subject,
            upload_ids=tuple(map(UploadId, wanted.upload_ids)),
            music_track_id=wanted.music_track_id,
            transition=wanted.transition,
            ratio=wanted.ratio,
        )
        return Response(body=story_body(self.plan(query)))
