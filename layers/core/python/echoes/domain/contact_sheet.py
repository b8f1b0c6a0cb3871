"""
What a heap of photos says by itself: their order, which are much the same, where chapters begin.

Pure and explainable: every decision keeps its numbers, so that people can be told why and may say
no. Photos are compared by `perceptual_hash`, 64 bits of which alike pictures share most; two that
have nothing in common differ in 32, give or take 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from itertools import pairwise
from operator import itemgetter
from statistics import median
from typing import Final

from echoes.domain.identifiers import UploadId

SAME_PICTURE_BITS: Final = 5
"""Up to here two files show one picture, saved twice: compression and size move 0 to 4 bits."""

NEAR_DUPLICATE_BITS: Final = 10
NEAR_DUPLICATE_GAP: Final = timedelta(minutes=1)
"""Tried again: the same view, the camera moved a little."""

BURST_BITS: Final = 18
BURST_GAP: Final = timedelta(seconds=3)
"""From one photo of a burst to the next: slower fingers have aimed anew."""

CHAPTER_GAP: Final = timedelta(hours=1)
CHAPTER_TIMES_MEDIAN: Final = 6
"""A pause opens a chapter if it is an hour, and six times as long as pauses usually are here."""

MAX_CHAPTERS: Final = 6
"""A film of fifty photos has a chapter for every eight of them; only the longest pauses count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPhoto:
    """What the story knows of a photo. Pixels are counted upright."""

    upload_id: UploadId
    width: int
    height: int
    taken_at: datetime | None = None
    taken_offset_minutes: int = 0
    """From UTC, which order and pauses go by, to the time at the place, which words say."""

    perceptual_hash: str | None = None
    """16 hex digits, or ``None`` for photos that came before hashes were made."""

    sharpness: int | None = None
    """More is sharper; comparable between photos of one scene only."""

    @property
    def taken_there(self) -> datetime | None:
        """What a clock showed where the photo was taken."""
        if self.taken_at is None:
            return None
        return self.taken_at.astimezone(timezone(timedelta(minutes=self.taken_offset_minutes)))


class Likeness(StrEnum):
    """How a photo is like another one."""

    SAME_PICTURE = "same_picture"
    NEAR_DUPLICATE = "near_duplicate"
    BURST = "burst"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A photo that is left out, and which one stands for it."""

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
                return "it is the same picture as the one kept"
            case Likeness.BURST:
                return "it is one of a burst: the sharpest one is kept"
            case Likeness.NEAR_DUPLICATE:
                return "it shows nearly the same as the one kept, taken within a minute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Photos of one stretch of time, in order; `pause` is what lies before it."""

    photos: tuple[StoryPhoto, ...]
    pause: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSheet:
    """All photos once: in the chapters, or set aside. `undated` have no date to be ordered by."""

    chapters: tuple[Chapter, ...]
    set_aside: tuple[SetAside, ...]
    undated: frozenset[UploadId]


def lay_out(photos: Sequence[StoryPhoto]) -> ContactSheet:
    """Return *photos*, given in the order they were uploaded, as a contact sheet."""
    kept, aside = _without_likes(in_order(photos))
    return ContactSheet(
        chapters=_chapters(kept),
        set_aside=tuple(aside),
        undated=frozenset(photo.upload_id for photo in photos if photo.taken_at is None),
    )


def in_order(photos: Sequence[StoryPhoto]) -> list[StoryPhoto]:
    """
    Return *photos* by when they were taken; equal times stay as uploaded.

    A photo without a date follows the one uploaded before it: people pick photos in some order.
    """
    dated = [(photo.taken_at, photo) for photo in photos if photo.taken_at is not None]
    order = [photo for _, photo in sorted(dated, key=itemgetter(0))]
    for place, photo in enumerate(photos):
        if photo.taken_at is None:
            order.insert(order.index(photos[place - 1]) + 1 if place else 0, photo)
    return order


def differing_bits(one: StoryPhoto, other: StoryPhoto) -> int | None:
    """Return in how many of 64 bits the pictures differ; ``None`` if that is not known."""
    if one.perceptual_hash is None or other.perceptual_hash is None:
        return None
    return (int(one.perceptual_hash, 16) ^ int(other.perceptual_hash, 16)).bit_count()


def _without_likes(order: Sequence[StoryPhoto]) -> tuple[list[StoryPhoto], list[SetAside]]:
    groups: list[list[StoryPhoto]] = []
    for photo in order:
        for group in groups:
            if _likeness(group, photo) is not None:
                group.append(photo)
                break
        else:
            groups.append([photo])
    kept, aside = [], []
    for group in groups:
        best = max(group, key=_worth)  # the first of the best: max keeps the earlier one
        kept.append(best)
        aside += [_why(group, photo, best) for photo in group if photo is not best]
    place_of = {photo.upload_id: place for place, photo in enumerate(order)}
    kept.sort(key=lambda photo: place_of[photo.upload_id])
    aside.sort(key=lambda left: place_of[left.upload_id])
    return kept, aside


def _worth(photo: StoryPhoto) -> tuple[int, int]:
    return (photo.sharpness or 0, photo.width * photo.height)


def _likeness(group: Sequence[StoryPhoto], photo: StoryPhoto) -> Likeness | None:
    """Compare with the first of the group, so that no chain of small steps joins strangers."""
    bits = differing_bits(group[0], photo)
    if bits is None:
        return None
    if bits <= SAME_PICTURE_BITS:
        return Likeness.SAME_PICTURE
    last_gap, first_gap = _gap(group[-1], photo), _gap(group[0], photo)
    if bits <= BURST_BITS and last_gap is not None and last_gap <= BURST_GAP:
        return Likeness.BURST
    if bits <= NEAR_DUPLICATE_BITS and first_gap is not None and first_gap <= NEAR_DUPLICATE_GAP:
        return Likeness.NEAR_DUPLICATE
    return None


def _why(group: Sequence[StoryPhoto], photo: StoryPhoto, best: StoryPhoto) -> SetAside:
    place = next(index for index, member in enumerate(group) if member is photo)
    # The first of a group had nothing to be compared with: it is like the second is like it.
    likeness = _likeness(group[: max(place, 1)], photo if place else group[1])
    gap = _gap(best, photo)
    return SetAside(
        upload_id=photo.upload_id,
        instead=best.upload_id,
        likeness=likeness or Likeness.NEAR_DUPLICATE,
        differing_bits=differing_bits(best, photo) or 0,
        gap_seconds=None if gap is None else gap.total_seconds(),
    )


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
    """Return how long before each dated photo the last dated one was taken, by place."""
    pauses: dict[int, timedelta] = {}
    before: datetime | None = None
    for place, photo in enumerate(kept):
        if photo.taken_at is None:
            continue
        if before is not None:
            pauses[place] = photo.taken_at - before
        before = photo.taken_at
    return pauses
