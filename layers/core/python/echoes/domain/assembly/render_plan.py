"""
The render plan: the segments of a film, in order.

Most segments are *copies*: whole runs of frames of a finished clip, which are never decoded. A
cross-fade or a dip is a *joint*: half a second of either clip, encoded again. Films with joints
also begin and end with black, in two *fades* of half a second. A title card is footage like a clip,
except that we draw it.

Every joint, fade, card and sound is named by a hash of all that reaches its bytes at one encoding.
The next film finds what was made for this one, so one change renders only what it touches.
`planning` makes the plan from a specification.
"""

from collections.abc import Container
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Final

from echoes.domain.assembly.loudness import Profile
from echoes.domain.assembly.transitions import Transition

FPS: Final = 24
JOINT_FRAMES: Final = 12
"""Half a second: every clip can be cut without encoding this far from either end."""

RENDERING: Final = 2
"""Raise it when what we encode looks or sounds different: nothing old is reused."""


class Direction(StrEnum):
    """Where a fade leads."""

    UP = "up"
    """Out of black: how a film begins."""

    DOWN = "down"
    """Into black: how it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """
    A finished clip: *handle* locates its master, *sha256* (hex) identifies its content.

    Masters of equal *signature* can be joined without encoding.
    """

    handle: str
    sha256: str
    signature: str
    frames: int
    width: int
    height: int

    @property
    def key(self) -> str:
        """The name of the pictures, wherever they are stored."""
        return self.sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleCard:
    """White words on black, standing still for *frames*."""

    text: str
    width: int
    height: int
    frames: int = 3 * FPS

    @property
    def key(self) -> str:
        """The name of all that reaches the card's bytes."""
        return _key("card", self.text, str(self.frames), f"{self.width}x{self.height}")


Footage = Master | TitleCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """
    Music: *handle* locates the prepared file, *sha256* (hex) identifies its content.

    With a *profile* its films have one loudness, whatever part of the music they play.
    """

    handle: str
    sha256: str
    profile: Profile = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The frames *first* … *first* + *frames* - 1 of some footage, as they are."""

    footage: Footage
    first: int
    frames: int

    @property
    def key(self) -> str:
        """The name of what is copied."""
        return _key("copy", self.footage.key, str(self.first), str(self.frames))


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """The end of one piece of footage and the beginning of the next, encoded as one."""

    kind: Transition
    before: Copy
    after: Copy

    @property
    def frames(self) -> int:
        """Its length: the frames of one side if both are seen at once."""
        if self.kind is Transition.CROSS_FADE:
            return self.before.frames
        return self.before.frames + self.after.frames

    @property
    def key(self) -> str:
        """The name of all that reaches the joint's bytes."""
        return _key("joint", self.kind, self.before.key, self.after.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fade:
    """The film's first or last half second: black on one side, the footage on the other."""

    direction: Direction
    piece: Copy

    @property
    def frames(self) -> int:
        """Its length: the frames of its footage."""
        return self.piece.frames

    @property
    def key(self) -> str:
        """The name of all that reaches the fade's bytes."""
        return _key("fade", self.direction, self.piece.key)


Encoded = Joint | Fade
Segment = Copy | Encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """
    Music from the film's first moment to its last, repeated as often as necessary.

    Without a gain its packets are copied, except under the fades; with one all are encoded.
    """

    track: Track
    frames: int
    fade_in_frames: int
    fade_out_frames: int
    gain_db: float = 0.0

    @property
    def key(self) -> str:
        """The name of all that reaches the sound's bytes."""
        numbers = (self.frames, self.fade_in_frames, self.fade_out_frames, self.gain_db)
        return _key("sound", self.track.sha256, *map(str, numbers))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmSpec:
    """
    A film specification: the footage in order, and the transitions between.

    *transitions* are one fewer than *footage*. *signature* is the encoding that every
    master must have at this size. Fades are of the music.
    """

    width: int
    height: int
    signature: str
    footage: tuple[Footage, ...]
    transitions: tuple[Transition, ...]
    track: Track | None = None
    fade_in_seconds: float = 0.0
    fade_out_seconds: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderPlan:
    """The segments of a film in order; *reasons* say where the specification could not be kept."""

    width: int
    height: int
    signature: str
    segments: tuple[Segment, ...]
    sound: Sound | None
    reasons: tuple[str, ...]

    @property
    def frames(self) -> int:
        """The film's length in frames."""
        return sum(segment.frames for segment in self.segments)

    @property
    def duration_seconds(self) -> float:
        """The film's length."""
        return self.frames / FPS

    @property
    def cards(self) -> tuple[TitleCard, ...]:
        """The title cards, each once."""
        pieces = (piece for segment in self.segments for piece in pieces_of(segment))
        cards = (piece.footage for piece in pieces if isinstance(piece.footage, TitleCard))
        return tuple({card.key: card for card in cards}.values())

    @property
    def encoded(self) -> tuple[Encoded, ...]:
        """The joints and fades, each once: they have to be encoded."""
        encoded = (segment for segment in self.segments if not isinstance(segment, Copy))
        return tuple({segment.key: segment for segment in encoded}.values())

    @property
    def masters(self) -> tuple[Master, ...]:
        """The masters that are read, each once."""
        pieces = (piece for segment in self.segments for piece in pieces_of(segment))
        masters = (piece.footage for piece in pieces if isinstance(piece.footage, Master))
        return tuple({master.handle: master for master in masters}.values())

    def only(self, keys: Container[str]) -> "RenderPlan":
        """Return the part of the plan that encodes *keys*, joints and fades."""
        return replace(self, segments=tuple(each for each in self.encoded if each.key in keys))

    @property
    def key(self) -> str:
        """The name of the film: plans of one key give the same file."""
        sound = self.sound.key if self.sound else "silent"
        return _key("film", self.signature, sound, *(segment.key for segment in self.segments))


def pieces_of(segment: Segment) -> tuple[Copy, ...]:
    """Return the runs of frames a segment shows, in their order."""
    match segment:
        case Copy():
            return (segment,)
        case Joint(before=before, after=after):
            return before, after
        case Fade(piece=piece):
            return (piece,)


def normalised_key(master: Master, *, width: int, height: int) -> str:
    """Return the name of a foreign clip normalised to this size: it is encoded once."""
    return _key("normalised", master.sha256, f"{width}x{height}")


def _key(kind: str, *parts: str) -> str:
    """Hash the parts so that two different lists never have one hash."""
    digest = sha256(f"{kind} {RENDERING}".encode())
    for part in parts:
        content = part.encode()
        digest.update(len(content).to_bytes(4, "big") + content)
    return digest.hexdigest()
