"""Stories. What is described of each route."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import (
    AN_ID,
    Audience,
    Operation,
    Success,
    Throttle,
)
from echoes.http.stories.schemas import Story, StoryRequest

STORIES: Final = (
    Operation(
        method="POST",
        path="/v1/stories",
        name="planStory",
        summary="Propose a film from photos; nothing is stored or spent",
        audience=Audience.CALLERS,
        throttle=Throttle.ORDERING,
        function="projects-api",
        body=StoryRequest,
        example={"upload_ids": [AN_ID], "music_track_id": "open-windows"},
        refusals=(ErrorCode.NOT_FOUND,),
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The plan and its reasons; the same request returns the same plan",
                schema=Story,
            ),
        ),
    ),
)
