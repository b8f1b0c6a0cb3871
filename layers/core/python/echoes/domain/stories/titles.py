"""
Titles for cards, from dates alone: days for a journey, times of day for one day.

They use the local time where the photos were taken, not UTC.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from echoes.domain.stories.selection import StoryPhoto

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
PARTS_OF_DAY: Final = ((5, "Night"), (12, "Morning"), (18, "Afternoon"), (23, "Evening"))
"""Until which hour each lasts; after the last one it is night again."""


def opening_title(photos: Sequence[StoryPhoto]) -> str | None:
    """Return when it was, such as ``3-5 March 2024``; ``None`` if no photo has a date."""
    days = [photo.taken_there.date() for photo in photos if photo.taken_there is not None]
    if not days:
        return None
    first, last = min(days), max(days)
    if first == last:
        return f"{_day(first)} {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}\N{EN DASH}{_day(last)} {last.year}"
    if first.year == last.year:
        return f"{_day(first)} \N{EN DASH} {_day(last)} {last.year}"
    return (
        f"{MONTHS[first.month - 1]} {first.year} \N{EN DASH} {MONTHS[last.month - 1]} {last.year}"
    )


def chapter_titles(chapters: Sequence[Sequence[StoryPhoto]]) -> list[str | None]:
    """
    Return a title for each chapter: the day, or the time of day if the day is known already.

    `None` for the first one, which the film's title introduces, and for a repetition.
    """
    titles: list[str | None] = []
    said: str | None = None
    before: date | None = None
    for photos in chapters:
        taken = next((each.taken_there for each in photos if each.taken_there is not None), None)
        title = None
        if taken is not None:
            title = _part(taken) if taken.date() == before else _day(taken.date())
            before = taken.date()
        titles.append(title if titles and title != said else None)
        said = title or said
    return titles


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


def _part(at: datetime) -> str:
    return next((part for until, part in PARTS_OF_DAY if at.hour < until), "Night")
