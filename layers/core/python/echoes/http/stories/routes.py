"""Stories: a film proposed from photos, before anything is ordered."""

from echoes.application.stories.plan_story import PlanStory, StoryQuery
from echoes.domain.identifiers import UploadId
from echoes.http.application import Route
from echoes.http.identity import require_caller
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.stories.schemas import StoryRequest
from echoes.http.stories.views import story_body


def story_routes(*, plan_story: PlanStory) -> list[Route]:
    """
    Return the route that proposes films.

    It stores nothing, so it needs no idempotency key: the same request gets the same response.
    """

    def plan(request: Request) -> Response:
        caller = require_caller(request.caller)
        wanted = read_body(request, StoryRequest)
        query = StoryQuery(
            owner_id=caller.subject,
            upload_ids=tuple(map(UploadId, wanted.upload_ids)),
            music_track_id=wanted.music_track_id,
            transition=wanted.transition,
            ratio=wanted.ratio,
        )
        return Response(body=story_body(plan_story(query)))

    return [Route(method="POST", pattern="/v1/stories", endpoint=plan)]
