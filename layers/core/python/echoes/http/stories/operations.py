"""The API's description of stories."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import AN_ID, Operation, Success
from echoes.http.stories.routes import StoryRoutes
from echoes.http.stories.schemas import Story, StoryRequest

STORIES: Final = (
    Operation(
        route=StoryRoutes.plan_story,
        summary="Propose a film from photos; nothing is stored or spent",
        body=StoryRequest,
        example={"upload_ids": [AN_ID], "music_track_id": "open-windows"},
        refusals=(ErrorCode.NOT_FOUND,),
        responses=(
            Success(
                status=HTTPStatus.OK,
                description="The plan and its reasons; the same request returns the same plan",
                schema=Story,
            ),
        ),
    ),
)
