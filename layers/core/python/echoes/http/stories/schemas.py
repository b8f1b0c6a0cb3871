"""What travels over HTTP about stories."""

from typing import Annotated

from pydantic import Field

from echoes.domain.assembly.render_plan import Transition
from echoes.domain.clips.clip import DURATIONS, Motion, Ratio
from echoes.domain.projects.project import MAX_CLIPS
from echoes.domain.stories.plan import Because
from echoes.domain.stories.selection import MAX_CHAPTERS, Likeness
from echoes.http.projects.schemas import TrackId
from echoes.http.schemas import Identifier, Schema, Whole

Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(ge=0, strict=False)]


class StoryRequest(Schema):
    """The photos of a story in the order they were picked, and what is settled already."""

    upload_ids: Annotated[
        list[Identifier],
        Field(min_length=1, max_length=MAX_CLIPS, description="Each once, and ready."),
    ]
    music_track_id: Annotated[
        TrackId | None, Field(description="Shots last whole beats of it; `null`: no music.")
    ] = None
    transition: Transition = Transition.CUT
    ratio: Annotated[Ratio | None, Field(description="`null`: what suits most photos.")] = None


class StoryReason(Schema):
    """Why something is as it is: a code for programs, a sentence for people."""

    code: Because
    text: str


class StoryCard(Schema):
    """Words before a shot, and how many frames they stand so that the cut is on the beat."""

    text: str
    frames: Positive


class StoryShot(Schema):
    """
    A clip to be ordered as it is, and where it will stand in the film.

    `first_frame` and `beat` are counted without cards; every card lasts whole beats.
    """

    upload_id: Identifier
    motion: Motion
    duration_seconds: Annotated[int, Field(ge=DURATIONS.start, lt=DURATIONS.stop)]
    frames: Positive
    first_frame: Whole
    beat: Annotated[Whole | None, Field(description="`null` where the music's are not known.")]
    credits: Whole
    reasons: list[StoryReason]


class StoryChapter(Schema):
    """Shots of one stretch of time. Its card is a proposal: films have a title card only."""

    title_card: StoryCard | None
    reasons: list[StoryReason]
    shots: Annotated[list[StoryShot], Field(min_length=1)]


class StoryPhotoSetAside(Schema):
    """A photo that is left out, which one stands for it, and why."""

    upload_id: Identifier
    instead: Identifier
    likeness: Likeness
    differing_bits: Annotated[int, Field(ge=0, le=64)]
    gap_seconds: Seconds | None
    text: str


class Story(Schema):
    """A film as proposed: every photo is a shot or set aside, and nothing is spent."""

    version: Positive
    ratio: Ratio
    transition: Transition
    music_track_id: str | None
    tempo_bpm: Positive | None
    beat_frames: Positive | None
    frames_per_second: Positive
    frames: Annotated[Positive, Field(description="Of the film, without cards.")]
    duration_seconds: Seconds
    cut_error_frames: Annotated[
        Whole, Field(description="How far the furthest cut is from its beat.")
    ]
    credits: Annotated[Whole, Field(description="What all shots cost a user together.")]
    title_card: StoryCard | None
    chapters: Annotated[list[StoryChapter], Field(min_length=1, max_length=MAX_CHAPTERS)]
    set_aside: list[StoryPhotoSetAside]
    reasons: list[StoryReason]
