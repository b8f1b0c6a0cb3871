"""Heaps of photos for stories."""

from datetime import UTC, datetime, timedelta

from echoes.domain.contact_sheet import StoryPhoto
from echoes.domain.identifiers import UploadId
from echoes.domain.music import MusicTrack
from echoes.domain.story import Soundtrack

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
