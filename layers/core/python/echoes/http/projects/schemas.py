"""Request and response models for projects; see also `schemas`."""

from typing import Annotated

from pydantic import Field, StringConstraints

from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.attempts import ClipStatus
from echoes.domain.clips.clip import DURATIONS, MAX_PROMPT_UTF16_UNITS, MAX_SEED, Motion
from echoes.domain.clips.ratios import Ratio
from echoes.domain.projects.batches import MAX_BATCH
from echoes.domain.projects.project import (
    MAX_CARD_LENGTH,
    MAX_CLIPS,
    MAX_NAME_LENGTH,
    MAX_TRACK_LENGTH,
    Arrangement,
)
from echoes.http.clips.schemas import Clip, SealedQuote
from echoes.http.contract.schema import Identifier, Schema, Time, Url
from echoes.http.films.schemas import Film

Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME_LENGTH, pattern=r"\S")]
Card = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_CARD_LENGTH, pattern=r"\S"),
    Field(description="A letter the card font lacks is a 422; unsupported emoji are left out."),
]
TrackId = Annotated[
    str, StringConstraints(pattern=rf"^[a-z0-9][a-z0-9_-]{{0,{MAX_TRACK_LENGTH - 1}}}$")
]


class ProjectOrder(Schema):
    """A new project. Without a ratio, the film uses the ratio of its first clip."""

    title: Name = "Untitled"
    ratio: Ratio | None = None
    music_track_id: TrackId | None = None
    transition: Transition = Transition.CUT
    title_card: Card | None = None


class ProjectEdit(Schema):
    """The fields to change. Omitted fields stay as they are; `null` clears a field."""

    title: Name | None = None
    ratio: Ratio | None = None
    music_track_id: Annotated[TrackId | None, Field(description="`null` for no music.")] = None
    transition: Transition | None = None
    title_card: Card | None = None
    clip_ids: (
        Annotated[
            list[Identifier],
            Field(
                max_length=MAX_CLIPS,
                description=(
                    "The clips to keep, in their new order. Removed clips can be added back."
                ),
            ),
        ]
        | None
    ) = None
    order: Annotated[
        Arrangement | None, Field(description="`date_taken` returns to sorting by date.")
    ] = None
    attempts: (
        Annotated[
            dict[Identifier, Annotated[int, Field(ge=1, le=4)] | None],
            Field(
                max_length=MAX_CLIPS,
                description="The attempt each clip shows; `null` for the newest completed one.",
            ),
        ]
        | None
    ) = None


class ClipAttempt(Schema):
    """One attempt at a clip. A project can choose which one to show."""

    attempt: Annotated[int, Field(ge=1, le=4)]
    status: ClipStatus
    seed: int
    preview_url: Url | None
    poster_url: Url | None


class ProjectClip(Clip):
    """A clip in a project. Its links show the attempt that the film uses."""

    taken_at: Time | None
    chosen_attempt: Annotated[
        int | None, Field(description="The chosen attempt; `null` for the newest completed one.")
    ]
    attempts: list[ClipAttempt]


class Project(Schema):
    """A project with its clips in order."""

    id: Identifier
    title: str
    ratio: Ratio | None
    music_track_id: str | None
    transition: Transition
    title_card: str | None
    order: Arrangement
    clip_ids: list[Identifier]
    removed_clip_ids: list[Identifier]
    clips: list[ProjectClip]
    film: Annotated[Film | None, Field(description="The newest film, if any.")]
    created_at: Time
    updated_at: Time
    version: Annotated[int, Field(ge=1)]


class ListedProject(Schema):
    """A project in a list. Its poster and placeholder come from its first clip."""

    id: Identifier
    title: str
    ratio: Ratio | None
    music_track_id: str | None
    transition: Transition
    title_card: str | None
    clip_count: Annotated[int, Field(ge=0, le=MAX_CLIPS)]
    poster_url: Url | None
    placeholder: str | None
    created_at: Time
    updated_at: Time
    version: Annotated[int, Field(ge=1)]


class Projects(Schema):
    """Projects, newest first."""

    items: list[ListedProject]
    next_cursor: str | None


class PhotoOrder(Schema):
    """One photo of a batch, and the clip to make from it."""

    upload_id: Identifier
    motion: Motion = Motion.AUTO
    prompt: (
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_PROMPT_UTF16_UNITS)] | None
    ) = None
    duration_seconds: Annotated[int, Field(ge=DURATIONS.start, lt=DURATIONS.stop)] = 5
    ratio: Ratio | None = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None


class BatchOrder(Schema):
    """The photos of one order."""

    photos: Annotated[list[PhotoOrder], Field(min_length=1, max_length=MAX_BATCH)]
    order: Annotated[
        Arrangement | None,
        Field(
            description=(
                "The project's clip order from now on. `own`: the new clips follow the existing"
                " ones, in the order of this list. `null`: the order stays as it is."
            )
        ),
    ] = None
    quote: (
        Annotated[
            SealedQuote,
            Field(description="The `quote` from `POST /v1/quotes`; it fixes the price."),
        ]
        | None
    ) = None


class OrderedClips(Schema):
    """The ordered clips, one per photo, and their total price."""

    items: list[Clip]
    credits: Annotated[int, Field(ge=0)]
