"""
How a film specification becomes a plan: a pure function, with a bound on every number.

The same specification gives the same plan, byte for byte.
"""

from collections.abc import Container, Sequence
from itertools import pairwise
from typing import Final

from echoes.domain.assembly.loudness import gain_for
from echoes.domain.assembly.render_plan import (
    FPS,
    JOINT_FRAMES,
    Copy,
    Direction,
    Fade,
    FilmSpec,
    Footage,
    Joint,
    Master,
    RenderPlan,
    Segment,
    Sound,
    TitleCard,
    Transition,
)
from echoes.domain.errors import InvalidRequest, Rejected

MAX_FOOTAGE: Final = 51
"""Fifty clips and a title: with clips of ten seconds that is eight and a half minutes."""

MAX_FILM_FRAMES: Final = 15 * 60 * FPS
"""A quarter of an hour: about 1 GB at 1080p, and 45,000 packets of sound."""

MAX_TITLE_CHARACTERS: Final = 80
CARD_SECONDS: Final = range(1, 11)
MAX_FADE_SECONDS: Final = 10


class ForeignMasters(Rejected):
    """These clips have another size or encoding than the film; `handles` have to be normalised."""

    def __init__(self, handles: Sequence[str]) -> None:
        super().__init__(f"normalise first: {', '.join(handles)}")
        self.handles = tuple(handles)


def foreign_masters(spec: FilmSpec) -> tuple[Master, ...]:
    """Return the shots which cannot be joined as they are, each once, in the film's order."""
    foreign = (
        item
        for item in spec.footage
        if isinstance(item, Master)
        and (item.signature, item.width, item.height) != (spec.signature, spec.width, spec.height)
    )
    return tuple({shot.handle: shot for shot in foreign}.values())


def plan_film(spec: FilmSpec) -> RenderPlan:
    """
    Return the plan of a film.

    A clip too short for a transition is cut hard instead, one too short for a fade stays as it
    is, and the plan says so. Raises `InvalidRequest` beyond a bound and `ForeignShots` when clips
    must be normalised first.
    """
    _check(spec)
    kinds, reasons = _possible(spec)
    ends, missing = _ends(spec, kinds)
    reasons += missing
    segments = tuple(_segments(spec.footage, kinds, ends))
    frames = sum(segment.frames for segment in segments)
    if frames > MAX_FILM_FRAMES:
        raise InvalidRequest(
            f"a film may last at most {MAX_FILM_FRAMES // FPS} seconds", field="clips"
        )
    return RenderPlan(
        width=spec.width,
        height=spec.height,
        signature=spec.signature,
        segments=segments,
        sound=_sound(spec, frames),
        reasons=tuple(reasons),
    )


def _check(spec: FilmSpec) -> None:
    footage = spec.footage
    if not 1 <= len(footage) <= MAX_FOOTAGE:
        raise InvalidRequest(f"a film must have 1 to {MAX_FOOTAGE} clips and titles", field="clips")
    if len(spec.transitions) != len(footage) - 1:
        raise InvalidRequest(
            "there must be one transition between two neighbours", field="transition"
        )
    for seconds in (spec.fade_in_seconds, spec.fade_out_seconds):
        if not 0 <= seconds <= MAX_FADE_SECONDS:
            raise InvalidRequest(f"a fade must last 0 to {MAX_FADE_SECONDS} seconds", field="music")
    for item in footage:
        if isinstance(item, TitleCard):
            _check_card(item, spec)
        elif item.frames < 1:
            raise InvalidRequest(f"{item.handle} has no frames", field="clips")
    foreign = foreign_masters(spec)
    if foreign:
        raise ForeignMasters([shot.handle for shot in foreign])


def _check_card(card: TitleCard, spec: FilmSpec) -> None:
    if not card.text.strip() or len(card.text) > MAX_TITLE_CHARACTERS:
        raise InvalidRequest(
            f"a title must have 1 to {MAX_TITLE_CHARACTERS} characters", field="title_card"
        )
    if not CARD_SECONDS[0] * FPS <= card.frames <= CARD_SECONDS[-1] * FPS:
        raise InvalidRequest("a title must last 1 to 10 seconds", field="title_card")
    if (card.width, card.height) != (spec.width, spec.height):
        raise InvalidRequest("a title must have the film's size", field="title_card")


def _possible(spec: FilmSpec) -> tuple[list[Transition], list[str]]:
    """Return what each transition becomes: no frame can be in two joints."""
    kinds: list[Transition] = []
    reasons: list[str] = []
    taken = 0  # from the beginning of the piece before the joint
    for place, (wanted, (before, after)) in enumerate(
        zip(spec.transitions, pairwise(spec.footage), strict=True), start=1
    ):
        short = before.frames - taken < JOINT_FRAMES or after.frames < JOINT_FRAMES
        kind = Transition.CUT if short else wanted
        if kind is not wanted:
            reasons.append(f"{place}: a clip is too short for a {wanted}, so it is cut")
        kinds.append(kind)
        taken = 0 if kind is Transition.CUT else JOINT_FRAMES
    return kinds, reasons


def _ends(spec: FilmSpec, kinds: Sequence[Transition]) -> tuple[set[Direction], list[str]]:
    """Return where black is: a film of hard cuts alone begins and ends with its own pictures."""
    if set(spec.transitions) <= {Transition.CUT}:
        return set(), []
    ends = {
        Direction.UP: (spec.footage[0], kinds[0], "begin"),
        Direction.DOWN: (spec.footage[-1], kinds[-1], "end"),
    }
    possible: set[Direction] = set()
    reasons: list[str] = []
    for direction, (item, kind, what) in ends.items():
        taken = 0 if kind is Transition.CUT else JOINT_FRAMES
        if item.frames - taken < JOINT_FRAMES:
            reasons.append(f"a clip is too short to {what} the film with black")
        else:
            possible.add(direction)
    return possible, reasons


def _segments(
    footage: Sequence[Footage], kinds: Sequence[Transition], ends: Container[Direction]
) -> list[Segment]:
    segments: list[Segment] = []
    first = 0
    if Direction.UP in ends:
        piece = Copy(footage=footage[0], first=0, frames=JOINT_FRAMES)
        segments.append(Fade(direction=Direction.UP, piece=piece))
        first = JOINT_FRAMES
    for place, item in enumerate(footage):
        closing = place == len(footage) - 1 and Direction.DOWN in ends
        kind = kinds[place] if place < len(kinds) else Transition.CUT
        last = item.frames - (0 if kind is Transition.CUT and not closing else JOINT_FRAMES)
        if last > first:
            segments.append(Copy(footage=item, first=first, frames=last - first))
        first = 0
        if closing:
            piece = Copy(footage=item, first=last, frames=JOINT_FRAMES)
            segments.append(Fade(direction=Direction.DOWN, piece=piece))
        elif kind is not Transition.CUT:
            before = Copy(footage=item, first=last, frames=JOINT_FRAMES)
            after = Copy(footage=footage[place + 1], first=0, frames=JOINT_FRAMES)
            segments.append(Joint(kind=kind, before=before, after=after))
            first = JOINT_FRAMES
    return segments


def _sound(spec: FilmSpec, frames: int) -> Sound | None:
    if spec.track is None:
        return None
    # Both fades fit into the film, and the music is whole for a moment between them.
    fade_in, fade_out = (
        min(round(seconds * FPS), frames // 2)
        for seconds in (spec.fade_in_seconds, spec.fade_out_seconds)
    )
    return Sound(
        track=spec.track,
        frames=frames,
        fade_in_frames=fade_in,
        fade_out_frames=fade_out,
        gain_db=gain_for(
            spec.track.profile, frames, fade_in_frames=fade_in, fade_out_frames=fade_out
        ),
    )
