"""
The story of some photos: which to use, their order, length and camera moves, and why.

A plan is a proposal. It depends on facts alone, so the same facts give the same plan; every
decision has a reason, and nothing is spent: people change the plan as they like, then order. Every
shot and every card lasts whole beats, so removing, adding or moving one leaves all cuts on the
beat.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from echoes.domain.assembly.render_plan import FPS
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.clip import DURATIONS, SECONDS_PER_CREDIT, Motion, price_of
from echoes.domain.clips.ratios import Ratio
from echoes.domain.errors import InvalidRequest
from echoes.domain.identifiers import Credits, UploadId
from echoes.domain.music.beats import BeatGrid, card_frames, lengths_on_beat, overlap_of
from echoes.domain.projects.project import MAX_CLIPS
from echoes.domain.stories.selection import Chapter, SetAside, StoryPhoto, select_photos
from echoes.domain.stories.titles import chapter_titles, opening_title

PLAN_VERSION: Final = 1
USUAL_SECONDS: Final = 4
"""Long enough to see a photo, short enough to want the next one."""

LONGEST_STORY_SECONDS: Final = 180
"""People show films to friends: beyond three minutes, shots get shorter where possible."""

SLACK: Final = 0.4
"""A photo is tall or wide if the frame can move over it by two fifths of the frame's side."""

_LEVEL: Final = (Motion.ZOOM_IN, Motion.PAN_RIGHT, Motion.ZOOM_OUT, Motion.PAN_LEFT)
_TALL: Final = (Motion.TILT_UP, Motion.TILT_DOWN)
_WIDE: Final = (Motion.PAN_RIGHT, Motion.PAN_LEFT)


class ReasonCode(StrEnum):
    """Why the plan is as it is, for programs. A sentence for people comes with each."""

    ORDERED_BY_DATE = "ordered_by_date"
    NO_DATE = "no_date"
    FITS_SHAPE = "fits_shape"
    OPENS_CHAPTER = "opens_chapter"
    LAST_SHOT = "last_shot"
    ON_BEAT = "on_beat"
    LONG_STORY = "long_story"
    NO_FADE_ON_BEAT = "no_fade_on_beat"
    MOST_PHOTOS = "most_photos"
    LONG_PAUSE = "long_pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundtrack:
    """The music of a story, and its beats as far as they are known."""

    music_track_id: str
    grid: BeatGrid | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason for part of the plan."""

    because: ReasonCode
    text: str


BY_DATE: Final = Reason(
    because=ReasonCode.ORDERED_BY_DATE, text="photos appear in the order they were taken"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Suggested text before a shot; not in the film unless the user adds it."""

    text: str
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedShot:
    """
    One clip to order, and its position in the film (without cards).

    Its *frames* are all of the clip's; with cross-fades the last ones are shared with the next
    shot. *beat* is the one it begins on, `None` where no beats are known.
    """

    upload_id: UploadId
    motion: Motion
    duration_seconds: int
    frames: int
    first_frame: int
    beat: int | None
    credits: Credits
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryChapter:
    """Shots taken around the same time."""

    card: Card | None
    shots: tuple[PlannedShot, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPlan:
    """A whole film as proposed. *cut_error_frames* is the furthest any cut is from its beat."""

    ratio: Ratio
    transition: Transition
    soundtrack: Soundtrack | None
    opening: Card | None
    chapters: tuple[StoryChapter, ...]
    set_aside: tuple[SetAside, ...]
    frames: int
    cut_error_frames: int
    credits: Credits
    reasons: tuple[Reason, ...]
    version: int = PLAN_VERSION

    @property
    def shots(self) -> tuple[PlannedShot, ...]:
        """All shots in the film's order."""
        return tuple(shot for chapter in self.chapters for shot in chapter.shots)


def propose_story(
    photos: Sequence[StoryPhoto],
    *,
    soundtrack: Soundtrack | None = None,
    transition: Transition = Transition.CUT,
    ratio: Ratio | None = None,
) -> StoryPlan:
    """
    Return the plan of a film of *photos*, given in the order they were uploaded.

    Raises `InvalidRequest` for no photo, too many, or one twice. Lengths follow the beats of the
    music; without beats they are the usual ones. Where that is impossible (no length of a clip lets
    a cross-fade meet the beat), the plan says so.
    """
    if not 1 <= len(photos) <= MAX_CLIPS:
        raise InvalidRequest(f"a story must have 1 to {MAX_CLIPS} photos", field="upload_ids")
    if len({photo.upload_id for photo in photos}) != len(photos):
        raise InvalidRequest("a photo is listed twice", field="upload_ids")
    selection = select_photos(photos)
    kept = [photo for chapter in selection.chapters for photo in chapter.photos]
    shape, reasons = _shape(kept, ratio)
    pace = _pace(soundtrack.grid if soundtrack else None, transition, selection.chapters)
    undated = {
        upload_id: _no_date(upload_id, placed_as=first, comes_first=first == photos[0].upload_id)
        for upload_id, first in selection.undated.items()
    }
    shots = list(_shots(selection.chapters, shape, pace, undated=undated))
    return StoryPlan(
        ratio=shape,
        transition=pace.transition,
        soundtrack=soundtrack,
        opening=_card(opening_title(kept), pace),
        chapters=tuple(_grouped(selection.chapters, shots, pace)),
        set_aside=selection.set_aside,
        frames=shots[-1].first_frame + shots[-1].frames,
        cut_error_frames=max(
            (pace.grid.error_at(shot.first_frame) for shot in shots) if pace.grid else (0,)
        ),
        credits=Credits(sum(shot.credits for shot in shots)),
        reasons=(*reasons, *pace.reasons),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pace:
    """The lengths of usual shots, and of those that open a chapter or end the film."""

    grid: BeatGrid | None
    transition: Transition
    usual: int
    long: int
    reasons: tuple[Reason, ...]


def _pace(grid: BeatGrid | None, transition: Transition, chapters: Sequence[Chapter]) -> _Pace:
    reasons: list[Reason] = []
    lengths = lengths_on_beat(grid, transition) if grid else tuple(DURATIONS)
    if grid and not lengths:
        text = f"at {grid.tempo_bpm} beats a minute no cross-fade fits the beat, so shots are cut"
        reasons.append(Reason(because=ReasonCode.NO_FADE_ON_BEAT, text=text))
        transition = Transition.CUT
        lengths = lengths_on_beat(grid, transition)
    paid = tuple(length for length in lengths if length <= SECONDS_PER_CREDIT) or lengths[:1]
    usual = min(paid, key=lambda length: (abs(length - USUAL_SECONDS), length))
    fitting = [length for length in paid if length <= usual]
    longest = LONGEST_STORY_SECONDS * FPS
    while fitting[1:] and _frames(chapters, fitting[-1], max(paid), transition) > longest:
        fitting.pop()
    if fitting[-1] < usual:
        shots = sum(len(chapter.photos) for chapter in chapters)
        text = f"{shots} shots would last over {LONGEST_STORY_SECONDS} seconds, so they are shorter"
        reasons.append(Reason(because=ReasonCode.LONG_STORY, text=text))
    return _Pace(
        grid=grid,
        transition=transition,
        usual=fitting[-1],
        long=max(paid),
        reasons=tuple(reasons),
    )


def _frames(chapters: Sequence[Chapter], usual: int, long: int, transition: Transition) -> int:
    """Return the film's length for shots of these seconds; shared frames count once."""
    shots = sum(len(chapter.photos) for chapter in chapters)
    few = len(chapters) + (len(chapters[-1].photos) > 1)
    seconds = few * long + (shots - few) * usual
    return seconds * FPS - (shots - 1) * overlap_of(transition)


def _shape(photos: Sequence[StoryPhoto], wanted: Ratio | None) -> tuple[Ratio, list[Reason]]:
    if wanted is not None:
        return wanted, []
    tall = sum(photo.height > photo.width for photo in photos)
    shape = Ratio.TALL if 2 * tall > len(photos) else Ratio.WIDE
    text = f"{tall} of {len(photos)} photos are taller than wide"
    return shape, [Reason(because=ReasonCode.MOST_PHOTOS, text=text)]


def _shots(
    chapters: Sequence[Chapter], ratio: Ratio, pace: _Pace, *, undated: Mapping[UploadId, Reason]
) -> Iterator[PlannedShot]:
    """Yield the shots in order; each begins where the one before allows it."""
    camera = _Camera(ratio)
    frame = 0
    for number, chapter in enumerate(chapters):
        for place, photo in enumerate(chapter.photos):
            opens = place == 0
            ends = number == len(chapters) - 1 and place == len(chapter.photos) - 1
            seconds = pace.long if opens or ends else pace.usual
            reasons = [undated.get(photo.upload_id, BY_DATE), camera.move(photo, opens=opens)]
            reasons += _length_reasons(seconds, pace, opens=opens, ends=ends)
            yield PlannedShot(
                upload_id=photo.upload_id,
                motion=camera.motion,
                duration_seconds=seconds,
                frames=seconds * FPS,
                first_frame=frame,
                beat=pace.grid.beat_at(frame) if pace.grid else None,
                credits=price_of(seconds),
                reasons=tuple(reasons),
            )
            frame += seconds * FPS - overlap_of(pace.transition)


class _Camera:
    """Remembers the last movement, so that no two shots in a row move alike."""

    def __init__(self, ratio: Ratio) -> None:
        width, height = ratio.size
        self._frame = width / height
        self._turns = {_LEVEL: 0, _TALL: 0, _WIDE: 0}
        self.motion = Motion.AUTO

    def move(self, photo: StoryPhoto, *, opens: bool) -> Reason:
        """Choose the motion for *photo*, set `motion`, and say why."""
        moves, text = self._moves(photo)
        if opens and moves is _LEVEL:
            back = self.motion is not Motion.ZOOM_OUT
            self.motion = Motion.ZOOM_OUT if back else Motion.ZOOM_IN
            how = "back to show the scene" if back else "in, because it has just drawn back"
            text = f"opens a chapter: the camera draws {how}"
        else:
            turn = self._turns[moves]
            self._turns[moves] += 1
            order = [*moves[turn % len(moves) :], *moves[: turn % len(moves)]]
            self.motion = next(motion for motion in order if motion is not self.motion)
        return Reason(because=ReasonCode.FITS_SHAPE, text=text)

    def _moves(self, photo: StoryPhoto) -> tuple[tuple[Motion, ...], str]:
        across = photo.width / photo.height / self._frame
        if 1 / across - 1 >= SLACK:
            return _TALL, "taller than the frame: the camera tilts along it"
        if across - 1 >= SLACK:
            return _WIDE, "wider than the frame: the camera pans along it"
        return _LEVEL, "fills the frame: the camera moves gently, in a new direction"


def _no_date(upload_id: UploadId, *, placed_as: UploadId, comes_first: bool) -> Reason:
    text = "no date: it follows the photo uploaded before it"
    if upload_id != placed_as:
        text = "no date: it takes the place of the first copy you uploaded"
    elif comes_first:
        text = "no date: it comes first, because it was uploaded first"
    return Reason(because=ReasonCode.NO_DATE, text=text)


def _length_reasons(seconds: int, pace: _Pace, *, opens: bool, ends: bool) -> Iterator[Reason]:
    if opens or ends:
        because = ReasonCode.OPENS_CHAPTER if opens else ReasonCode.LAST_SHOT
        words = "opens a chapter" if opens else "last shot"
        lasting = "held for the full length one credit covers" + (
            ", in whole beats" if pace.grid else ""
        )
        yield Reason(because=because, text=f"{words}: {lasting}")
    if pace.grid is None or ends:
        return
    beats = (seconds * FPS - overlap_of(pace.transition)) // pace.grid.beat_frames
    text = f"the next cut comes {beats} beats later, at {pace.grid.tempo_bpm} beats a minute"
    yield Reason(because=ReasonCode.ON_BEAT, text=text)


def _grouped(
    chapters: Sequence[Chapter], shots: Sequence[PlannedShot], pace: _Pace
) -> Iterator[StoryChapter]:
    left = iter(shots)
    titles = chapter_titles([chapter.photos for chapter in chapters])
    for chapter, title in zip(chapters, titles, strict=True):
        reasons: tuple[Reason, ...] = ()
        if chapter.pause is not None:
            hours = chapter.pause.total_seconds() / 3600
            text = f"taken {hours:.1f} hours after the previous photo"
            reasons = (Reason(because=ReasonCode.LONG_PAUSE, text=text),)
        mine = tuple(next(left) for _ in chapter.photos)
        yield StoryChapter(card=_card(title, pace), shots=mine, reasons=reasons)


def _card(text: str | None, pace: _Pace) -> Card | None:
    if text is None:
        return None
    return Card(text=text, frames=card_frames(pace.grid, pace.transition))
