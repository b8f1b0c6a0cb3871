"""
How a film specification becomes a plan, and what must be encoded first. Every number has a bound.

All functions are pure: the same specification gives the same plan, byte for byte. What is already
encoded is asked of a store by the use cases; here it is an argument.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from echoes.domain.assembly.lettering import MAX_TITLE_CHARACTERS
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
    normalised_key,
)
from echoes.domain.assembly.transitions import Transition
from echoes.domain.errors import InvalidRequest, Rejected

MAX_FOOTAGE: Final = 51
"""Fifty clips and a title: with clips of ten seconds that is eight and a half minutes."""

MAX_FILM_FRAMES: Final = 15 * 60 * FPS
"""A quarter of an hour: about 1 GB at 1080p, and 45,000 packets of sound."""

CARD_SECONDS: Final = range(1, 11)
MAX_FADE_SECONDS: Final = 10


class ForeignMasters(Rejected):
    """These clips have another size or encoding than the film; `handles` have to be normalised."""

    def __init__(self, handles: Sequence[str]) -> None:
        super().__init__(f"normalise first: {', '.join(handles)}")
        self.handles = tuple(handles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """
    What a film needs encoded before its joints and fades can be.

    *foreign* are clips of another size or encoding, by the key that they have once normalised;
    *cards* are title cards, by theirs. A clip that is seen twice is needed once.
    """

    spec: FilmSpec
    foreign: Mapping[str, Master]
    cards: Mapping[str, TitleCard]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all of them."""
        return *self.foreign, *self.cards

    @property
    def total(self) -> int:
        """How many segments the film needs encoded in all, whether they are there or not."""
        cuts_only = set(self.spec.transitions) <= {Transition.CUT}
        # A joint between neighbours, and a fade at either end.
        encoded = 0 if cuts_only else len(self.spec.footage) + 1
        return len(self.foreign) + len(self.cards) + encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """A foreign clip that was normalised: where its new master is stored, and its length."""

    handle: str
    frames: int


def needs_of(spec: FilmSpec) -> Needs:
    """Return what must be encoded before the film can be planned."""
    return Needs(
        spec=spec,
        foreign={_normalised_key(master, spec): master for master in foreign_masters(spec)},
        cards={item.key: item for item in spec.footage if isinstance(item, TitleCard)},
    )


def plan_needs(needs: Needs, normalised: Mapping[str, Normalised]) -> RenderPlan:
    """
    Return the plan of the film with its foreign clips as they were *normalised*, by key.

    Raises what `plan_film` raises.
    """
    spec = needs.spec
    footage = tuple(_as_normalised(item, spec, normalised) for item in spec.footage)
    return plan_film(replace(spec, footage=footage))


def foreign_masters(spec: FilmSpec) -> tuple[Master, ...]:
    """Return the masters that cannot be joined as they are, each once, in the film's order."""
    foreign = (
        item for item in spec.footage if isinstance(item, Master) and _is_foreign(item, spec)
    )
    return tuple({master.handle: master for master in foreign}.values())


def _is_foreign(master: Master, spec: FilmSpec) -> bool:
    expected = (spec.signature, spec.width, spec.height)
    return (master.signature, master.width, master.height) != expected


def _normalised_key(master: Master, spec: FilmSpec) -> str:
    return normalised_key(master, width=spec.width, height=spec.height)


def _as_normalised(item: Footage, spec: FilmSpec, normalised: Mapping[str, Normalised]) -> Footage:
    if not isinstance(item, Master) or not _is_foreign(item, spec):
        return item
    key = _normalised_key(item, spec)
    found = normalised.get(key)
    if found is None:
        return item
    return replace(
        item,
        handle=found.handle,
        sha256=key,
        signature=spec.signature,
        frames=found.frames,
        width=spec.width,
        height=spec.height,
    )


def plan_film(spec: FilmSpec) -> RenderPlan:
    """
    Return the plan of a film.

    A clip that is too short for a transition is cut hard instead, one that is too short for a fade
    stays as it is, and the plan says so. Raises `InvalidRequest` beyond a bound, and
    `ForeignMasters` when clips must be normalised first.
    """
    _check(spec)
    kinds, reasons = _possible_transitions(spec)
    ends, missing = _black_ends(spec, kinds)
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
        raise ForeignMasters([master.handle for master in foreign])


def _check_card(card: TitleCard, spec: FilmSpec) -> None:
    if not card.text.strip() or len(card.text) > MAX_TITLE_CHARACTERS:
        raise InvalidRequest(
            f"a title must have 1 to {MAX_TITLE_CHARACTERS} characters", field="title_card"
        )
    if not CARD_SECONDS[0] * FPS <= card.frames <= CARD_SECONDS[-1] * FPS:
        raise InvalidRequest("a title must last 1 to 10 seconds", field="title_card")
    if (card.width, card.height) != (spec.width, spec.height):
        raise InvalidRequest("a title must have the film's size", field="title_card")


def _possible_transitions(spec: FilmSpec) -> tuple[list[Transition], list[str]]:
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


def _black_ends(spec: FilmSpec, kinds: Sequence[Transition]) -> tuple[set[Direction], list[str]]:
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
