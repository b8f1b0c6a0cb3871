"""Request and response models for films; see also `schemas`."""

from typing import Annotated

from pydantic import Field

from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.ratios import Ratio
from echoes.domain.films.film import FilmStage, FilmStatus
from echoes.domain.projects.project import MAX_CLIPS
from echoes.http.clips.schemas import ClipError
from echoes.http.contract.schema import Identifier, Schema, Time, Url, Whole


class Film(Schema):
    """A film of one version of a project. It does not include later edits."""

    id: Identifier
    project_id: Identifier
    project_version: Annotated[int, Field(ge=1)]
    title: str
    status: FilmStatus
    stage: FilmStage
    progress: Annotated[float, Field(ge=0, le=1, strict=False)]
    clip_ids: Annotated[list[Identifier], Field(min_length=1, max_length=MAX_CLIPS)]
    ratio: Ratio
    width: int
    height: int
    transition: Transition
    title_card: str | None
    music_track_id: str | None
    duration_seconds: Annotated[
        float | None, Field(description="Set once the film is made.", strict=False)
    ]
    bytes: Whole | None
    assembly_seconds: Annotated[
        float | None, Field(description="How long assembly took.", strict=False)
    ]
    poster_url: Url | None
    preview_url: Annotated[Url | None, Field(description="A six-second animated WebP.")]
    error: ClipError | None
    created_at: Time
    updated_at: Time
    completed_at: Time | None


class FilmDownload(Schema):
    """A signed link to the film. It has no watermark: films contain only paid clips."""

    url: Url
    expires_at: Time
