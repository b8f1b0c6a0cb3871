"""Request and response models for stories."""

from typing import Annotated

from pydantic import Field

from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.clip import DURATIONS, Motion
from echoes.domain.clips.ratios import Ratio
from echoes.domain.projects.project import MAX_CLIPS
from echoes.domain.stories.plan import ReasonCode
from echoes.domain.stories.selection import MAX_CHAPTERS, Likeness
from echoes.http.contract.schema import Identifier, Schema, Whole
from echoes.http.projects.schemas import TrackId

Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(ge=0, strict=False)]


class StoryRequest(Schema):
    """The photos for a story, in the order they were picked, and any fixed choices."""

    upload_ids: Annotated[
        list[Identifier],
        Field(min_length=1, max_length=MAX_CLIPS, description="Ready uploads, each listed once."),
    ]
    music_track_id: Annotated[
        TrackId | None,
        Field(description="Shots last whole beats of this track; `null` for no music."),
    ] = None
    transition: Transition = Transition.CUT
    ratio: Annotated[
        Ratio | None, Field(description="`null` for the ratio that suits most photos.")
    ] = None


class StoryReason(Schema):
    """Why the plan is as it is: a code for programs and a sentence for people."""

    code: ReasonCode
    text: str


class StoryCard(Schema):
    """Text shown before a shot, for a number of frames that keeps the cut on the beat."""

    text: str
    frames: Positive


class StoryShot(Schema):
    """
    A clip to order, and its position in the film.

    `first_frame` and `beat` do not count cards. Every card lasts whole beats.
    """

    upload_id: Identifier
    motion: Motion
    duration_seconds: Annotated[int, Field(ge=DURATIONS.start, lt=DURATIONS.stop)]
    frames: Positive
    first_frame: Whole
    beat: Annotated[Whole | None, Field(description="`null` if the music's beats are unknown.")]
    credits: Whole
    reasons: list[StoryReason]


class StoryChapter(Schema):
    """Shots taken around the same time. Its card is a suggestion: films have one title card."""

    title_card: StoryCard | None
    reasons: list[StoryReason]
    shots: Annotated[list[StoryShot], Field(min_length=1)]


class StoryPhotoSetAside(Schema):
    """A photo left out of the film, the photo used instead, and why."""

    upload_id: Identifier
    instead: Identifier
    likeness: Likeness
    differing_bits: Annotated[int, Field(ge=0, le=64)]
    gap_seconds: Seconds | None
    text: str


class Story(Schema):
    """A proposed film. Every photo is either a shot or set aside; nothing is spent."""

    version: Positive
    ratio: Ratio
    transition: Transition
    music_track_id: str | None
    tempo_bpm: Positive | None
    beat_frames: Positive | None
    frames_per_second: Positive
    frames: Annotated[Positive, Field(description="Length of the film, without cards.")]
    duration_seconds: Seconds
    cut_error_frames: Annotated[
        Whole, Field(description="The largest distance of a cut from its beat.")
    ]
    credits: Annotated[Whole, Field(description="What all shots cost a user in total.")]
    title_card: StoryCard | None
    chapters: Annotated[list[StoryChapter], Field(min_length=1, max_length=MAX_CHAPTERS)]
    set_aside: list[StoryPhotoSetAside]
    reasons: list[StoryReason]
