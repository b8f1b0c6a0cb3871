"""
How photos are arranged from facts alone: order, near-duplicates and chapters.

Pure and explainable: every decision keeps its numbers, so that people can see why and disagree.
Photos are compared by `perceptual_hash`, 64 bits, most of which similar pictures share; unrelated
pictures differ in about 32, give or take 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from itertools import pairwise
from operator import itemgetter
from statistics import median
from typing import Final

from echoes.domain.identifiers import UploadId

SAME_PICTURE_BITS: Final = 5
"""
Up to this distance, two files show one picture saved twice: compression and size change 0 to 4
bits.
"""

NEAR_DUPLICATE_BITS: Final = 10
NEAR_DUPLICATE_GAP: Final = timedelta(minutes=1)
"""A second try: the same view, with the camera moved a little."""

BURST_BITS: Final = 18
BURST_GAP: Final = timedelta(seconds=3)
"""The longest gap within a burst. After a longer one, people have reframed the picture."""

CHAPTER_GAP: Final = timedelta(hours=1)
CHAPTER_TIMES_MEDIAN: Final = 6
"""A pause opens a chapter if it lasts an hour and six times the usual pause of these photos."""

MAX_CHAPTERS: Final = 6
"""A film of fifty photos has a chapter for every eight of them; only the longest pauses count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPhoto:
    """The facts about a photo that a story needs. Width and height are upright."""

    upload_id: UploadId
    width: int
    height: int
    taken_at: datetime | None = None
    taken_offset_minutes: int = 0
    """Offset from UTC. Order and pauses use UTC; titles use the local time."""

    perceptual_hash: str | None = None
    """16 hex digits; ``None`` for photos older than this field."""

    sharpness: int | None = None
    """Higher is sharper; comparable only between photos of one scene."""

    @property
    def taken_there(self) -> datetime | None:
        """What a clock showed where the photo was taken."""
        if self.taken_at is None:
            return None
        return self.taken_at.astimezone(timezone(timedelta(minutes=self.taken_offset_minutes)))


class Likeness(StrEnum):
    """How similar a photo is to another."""

    SAME_PICTURE = "same_picture"
    NEAR_DUPLICATE = "near_duplicate"
    BURST = "burst"


_LOOSER: Final = (Likeness.SAME_PICTURE, Likeness.NEAR_DUPLICATE, Likeness.BURST)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A photo that is left out, and the one that replaces it."""

    upload_id: UploadId
    instead: UploadId
    likeness: Likeness
    differing_bits: int
    gap_seconds: float | None

    @property
    def text(self) -> str:
        """Why, for people."""
        match self.likeness:
            case Likeness.SAME_PICTURE:
                return "the same picture as the one we kept"
            case Likeness.BURST:
                return "part of a burst: we kept the sharpest one"
            case Likeness.NEAR_DUPLICATE:
                soon = NEAR_DUPLICATE_GAP.total_seconds()
                within = self.gap_seconds is not None and self.gap_seconds <= soon
                text = "almost the same as the one we kept"
                return f"{text}, taken within a minute" if within else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Photos of one stretch of time, in order; `pause` is the gap before it."""

    photos: tuple[StoryPhoto, ...]
    pause: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """
    All photos once: in the chapters, or set aside.

    A photo in a chapter has the earliest date among its copies, and that copy's place. `undated`
    are photos without a date, each with its first copy, whose place it takes.
    """

    chapters: tuple[Chapter, ...]
    set_aside: tuple[SetAside, ...]
    undated: Mapping[UploadId, UploadId]


def select_photos(photos: Sequence[StoryPhoto]) -> Selection:
    """Return the selection from *photos*, which are in upload order."""
    order = in_order(photos)
    groups = _likes(order)
    why = {
        photo.upload_id: likes.why(photo)
        for likes in groups
        for photo in likes.photos
        if photo is not likes.best
    }
    return Selection(
        chapters=_chapters([_placed(likes) for likes in groups]),
        set_aside=tuple(why[photo.upload_id] for photo in order if photo.upload_id in why),
        undated={
            likes.best.upload_id: likes.first.upload_id
            for likes in groups
            if likes.first.taken_at is None
        },
    )


def in_order(photos: Sequence[StoryPhoto]) -> list[StoryPhoto]:
    """
    Return *photos* by the time they were taken, then by upload order.

    A photo without a date follows the one uploaded before it: people pick photos in some order.
    """
    dated = [(photo.taken_at, photo) for photo in photos if photo.taken_at is not None]
    order = [photo for _, photo in sorted(dated, key=itemgetter(0))]
    for place, photo in enumerate(photos):
        if photo.taken_at is None:
            order.insert(order.index(photos[place - 1]) + 1 if place else 0, photo)
    return order


def differing_bits(one: StoryPhoto, other: StoryPhoto) -> int | None:
    """Return in how many of 64 bits the pictures differ; ``None`` if unknown."""
    if one.perceptual_hash is None or other.perceptual_hash is None:
        return None
    return (int(one.perceptual_hash, 16) ^ int(other.perceptual_hash, 16)).bit_count()


def _is_same_picture(one: StoryPhoto, other: StoryPhoto) -> bool:
    bits = differing_bits(one, other)
    return bits is not None and bits <= SAME_PICTURE_BITS


Copies = Sequence[StoryPhoto]
"""One picture, as it was saved once or more often; in order."""


def _pictures(order: Sequence[StoryPhoto]) -> list[Copies]:
    """Return each picture with its copies, in the order of their first ones."""
    found: list[list[StoryPhoto]] = []
    for photo in order:
        for copies in found:
            if _is_same_picture(copies[0], photo):
                copies.append(photo)
                break
        else:
            found.append([photo])
    place_of = {photo.upload_id: place for place, photo in enumerate(order)}
    return sorted(found, key=lambda copies: place_of[_first(copies).upload_id])


def _first(photos: Copies) -> StoryPhoto:
    """Return the earliest; if none has a date, the first."""
    return next((photo for photo in photos if photo.taken_at is not None), photos[0])


class _Likes:
    """Pictures that are nearly the same."""

    def __init__(self, copies: Copies) -> None:
        self.first = _first(copies)
        self.photos = [*copies]
        self._pictures = [copies]
        self._loosest = Likeness.SAME_PICTURE

    def take(self, copies: Copies) -> bool:
        """
        Add a picture if it is like these; return whether it is.

        It is compared with the first one, so that no chain of small steps joins different pictures.
        """
        photo = _first(copies)
        gaps = [gap for other in self.photos if (gap := _gap(other, photo)) is not None]
        likeness = _likeness(
            differing_bits(self._pictures[0][0], copies[0]),
            since_last=min(gaps, default=None),
            since_first=_gap(self.first, photo),
        )
        if likeness is None:
            return False
        self.photos += copies
        self._pictures.append(copies)
        self._loosest = max(self._loosest, likeness, key=_LOOSER.index)
        return True

    @property
    def best(self) -> StoryPhoto:
        """The sharpest picture, as its original shows it."""
        originals = (max(copies, key=_fidelity) for copies in self._pictures)
        return self._original(max(originals, key=_sharpness))

    def _original(self, photo: StoryPhoto) -> StoryPhoto:
        """Return the picture that *photo* may be a copy of; its first file stands for it."""
        alike = (other for other in self.photos if _is_same_picture(other, photo))
        original = max(alike, key=_fidelity, default=photo)
        return photo if _fidelity(original) <= _fidelity(photo) else self._original(original)

    def why(self, photo: StoryPhoto) -> SetAside:
        """Return why *photo* is left out, by what it has in common with the best one."""
        best = self.best
        bits, gap = differing_bits(best, photo), _gap(best, photo)
        return SetAside(
            upload_id=photo.upload_id,
            instead=best.upload_id,
            likeness=_likeness(bits, since_last=gap, since_first=gap) or self._loosest,
            differing_bits=bits or 0,
            gap_seconds=None if gap is None else gap.total_seconds(),
        )


def _likes(order: Sequence[StoryPhoto]) -> list[_Likes]:
    found: list[_Likes] = []
    for copies in _pictures(order):
        if not any(likes.take(copies) for likes in found):
            found.append(_Likes(copies))
    return found


def _placed(likes: _Likes) -> StoryPhoto:
    """Return the best one, with the first one's time."""
    best = likes.best
    return replace(
        likes.first,
        upload_id=best.upload_id,
        width=best.width,
        height=best.height,
        perceptual_hash=best.perceptual_hash,
        sharpness=best.sharpness,
    )


def _fidelity(photo: StoryPhoto) -> tuple[bool, int, int]:
    """Order copies: messengers remove dates and pixels, and their compression can look sharper."""
    return (photo.taken_at is not None, _pixels(photo), photo.sharpness or 0)


def _sharpness(photo: StoryPhoto) -> tuple[int, int]:
    return (photo.sharpness or 0, _pixels(photo))


def _pixels(photo: StoryPhoto) -> int:
    return photo.width * photo.height


def _likeness(
    bits: int | None, *, since_last: timedelta | None, since_first: timedelta | None
) -> Likeness | None:
    """Classify two pictures. Two moments of a burst are not copies, however similar they look."""
    if bits is None:
        return None
    at_once = since_last is not None and since_last <= BURST_GAP
    if bits <= SAME_PICTURE_BITS and not (at_once and since_last):
        return Likeness.SAME_PICTURE
    if bits <= BURST_BITS and at_once:
        return Likeness.BURST
    soon = since_first is not None and since_first <= NEAR_DUPLICATE_GAP
    if bits <= NEAR_DUPLICATE_BITS and soon:
        return Likeness.NEAR_DUPLICATE
    return None


def _gap(one: StoryPhoto, other: StoryPhoto) -> timedelta | None:
    if one.taken_at is None or other.taken_at is None:
        return None
    return abs(other.taken_at - one.taken_at)


def _chapters(kept: Sequence[StoryPhoto]) -> tuple[Chapter, ...]:
    pauses = _pauses(kept)
    usual = median([pause.total_seconds() for pause in pauses.values() if pause] or [0.0])
    least = max(CHAPTER_GAP, timedelta(seconds=usual) * CHAPTER_TIMES_MEDIAN)
    longest = sorted(
        (place for place, pause in pauses.items() if pause >= least),
        key=lambda place: (-pauses[place], place),
    )
    begins = [0, *sorted(longest[: MAX_CHAPTERS - 1]), len(kept)]
    return tuple(
        Chapter(photos=tuple(kept[begin:end]), pause=pauses[begin] if begin else None)
        for begin, end in pairwise(begins)
        if end > begin
    )


def _pauses(kept: Sequence[StoryPhoto]) -> dict[int, timedelta]:
    """Return the gap before each dated photo since the last dated one, by position."""
    pauses: dict[int, timedelta] = {}
    before: datetime | None = None
    for place, photo in enumerate(kept):
        if photo.taken_at is None:
            continue
        if before is not None:
            pauses[place] = photo.taken_at - before
        before = photo.taken_at
    return pauses
