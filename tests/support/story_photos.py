"""Heaps of photos for stories."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from echoes.domain.identifiers import UploadId
from echoes.domain.music.tracks import MusicTrack
from echoes.domain.stories.plan import Soundtrack
from echoes.domain.stories.selection import StoryPhoto

SIDES = ((4032, 3024), (3024, 4032), (3000, 3000), (6500, 2600), (2600, 6500), (1600, 1200))
MORNING = datetime(2024, 3, 3, 9, 0, tzinfo=UTC)


def a_photo(
    name: str,
    *,
    minutes: float | None = 0.0,
    size: tuple[int, int] = (4032, 3024),
    bits: int | None = None,
    sharpness: int | None = 500,
    offset_minutes: int = 0,
) -> StoryPhoto:
    """Return a photo taken so many minutes after the morning; *bits* is what it looks like."""
    return StoryPhoto(
        upload_id=UploadId(name),
        width=size[0],
        height=size[1],
        taken_at=None if minutes is None else MORNING + timedelta(minutes=minutes),
        perceptual_hash=None if bits is None else f"{bits:016x}",
        sharpness=sharpness,
        taken_offset_minutes=offset_minutes,
    )


def scene(number: int) -> int:
    """Return 64 bits that differ from every other scene's in 32 (rows of a Hadamard matrix)."""
    return sum(((number & place).bit_count() % 2) << place for place in range(64))


def a_little_other(bits: int, *, by: int) -> int:
    """Return *bits* with so many of them changed."""
    return bits ^ sum(1 << (place * 5 % 64) for place in range(by))


def heard(track: MusicTrack | None) -> Soundtrack | None:
    """Return *track* as a story hears it."""
    if track is None:
        return None
    return Soundtrack(music_track_id=track.track_id, grid=track.grid)


def any_photo(place: int, facts: int) -> StoryPhoto:
    """Return a photo whose facts are the digits of a number, each in its own base."""
    facts, side = divmod(facts, len(SIDES))
    facts, sharpness = divmod(facts, 6)
    facts, look = divmod(facts, 9)
    facts, other = divmod(facts, 21)
    undated, seconds = divmod(facts, 600_000)
    width, height = SIDES[side]
    bits = a_little_other(scene(look), by=other)
    return StoryPhoto(
        upload_id=UploadId(f"photo-{place}"),
        width=width,
        height=height,
        taken_at=None if undated else MORNING + timedelta(seconds=seconds),
        perceptual_hash=f"{bits:016x}" if look else None,
        sharpness=sharpness or None,
    )


heaps = st.lists(
    st.integers(0, 6 * 6 * 9 * 21 * 700_000) | st.integers(0, 6 * 6 * 9 * 21 * 120),
    min_size=1,
    max_size=50,
).map(lambda numbers: [any_photo(place, facts) for place, facts in enumerate(numbers)])
"""1 to 50 photos: many alike, some within a burst, some without a date, a hash or a sharpness."""
