"""A film's poster and moving preview come from its own frames, at little cost."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageSequence, ImageStat

from echoes.adapters.video.assembly.stills import film_poster, film_preview
from echoes.adapters.video.assembly.streams import FileSource
from echoes.domain.assembly.transitions import Transition
from tests.support import footage
from tests.support.footage import HEIGHT, WIDTH, Cutting, pictures_of


class Counting(FileSource):
    """A file that remembers how much of it was read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.taken = 0

    def read(self, offset: int, length: int) -> bytes:
        data = super().read(offset, length)
        self.taken += len(data)
        return data


def apart(one: Image.Image, other: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def light(picture: Image.Image) -> float:
    return ImageStat.Stat(picture.convert("L")).mean[0]


def test_a_poster_is_a_frame_of_the_film(room: Cutting) -> None:
    """A fifth into it: neither a title nor the end; read without reading the film."""
    path, made = room.assemble(room.plan())
    source = Counting(path)
    poster = Image.open(io.BytesIO(film_poster(source, width=WIDTH, height=HEIGHT)))
    assert (poster.format, poster.size) == ("JPEG", (WIDTH, HEIGHT))
    near = pictures_of(path)[60].to_image()
    assert apart(poster.convert("RGB"), near) < 6
    assert source.taken < made.size / 2


@pytest.mark.parametrize("clips", [1, 2, 6])
@pytest.mark.parametrize("kind", Transition)
def test_neither_poster_nor_preview_is_black(room: Cutting, kind: Transition, clips: int) -> None:
    """Films begin and end with black, and dips pass through it; what advertises them does not."""
    path, _ = room.assemble(room.plan(room.masters[:clips], transition=kind))
    source = FileSource(path)
    still = Image.open(io.BytesIO(film_poster(source, width=WIDTH, height=HEIGHT)))
    moving = Image.open(io.BytesIO(film_preview(source, width=WIDTH, height=HEIGHT)))
    faintest = min(
        light(pictures_of(room.files[master.handle])[12].to_image())
        for master in room.masters[:clips]
    )
    assert light(still) > 0.8 * faintest
    for picture in ImageSequence.Iterator(moving):
        assert light(picture) > 0.8 * faintest


def test_a_poster_of_a_second_is_past_its_black(room: Cutting) -> None:
    """A fifth into a film of a second it is dark: a later frame that stands alone is taken."""
    short = [
        footage.master(room.directory / f"short{frames}.mp4", seed=frames, frames=frames)
        for frames in (24, 12)
    ]
    other = footage.cutting(room.directory, short)
    path, made = other.assemble(other.plan(transition=Transition.CROSS_FADE, music=False))
    assert made.frames == 24
    source = FileSource(path)
    still = Image.open(io.BytesIO(film_poster(source, width=WIDTH, height=HEIGHT)))
    moving = Image.open(io.BytesIO(film_preview(source, width=WIDTH, height=HEIGHT)))
    assert min(light(still), light(moving)) > 0.8 * light(pictures_of(short[0])[0].to_image())


def test_a_preview_moves_through_the_whole_film(room: Cutting) -> None:
    """Up to sixteen frames, evenly spread, for ever repeated."""
    path, _ = room.assemble(room.plan())
    preview = Image.open(io.BytesIO(film_preview(FileSource(path), width=WIDTH, height=HEIGHT)))
    assert (preview.format, preview.size) == ("WEBP", (WIDTH, HEIGHT))
    assert preview.info["loop"] == 0
    seen = [picture.convert("RGB") for picture in ImageSequence.Iterator(preview)]
    assert len(seen) == 16
    assert all(apart(a, b) > 1 for a, b in zip(seen[::4], seen[2::4], strict=True))


def test_pictures_of_an_unpaid_film_are_marked(room: Cutting) -> None:
    """A seed burns our name into them; the same seed always alike."""
    path, _ = room.assemble(room.plan())
    clean, marked, again = (
        film_poster(FileSource(path), width=WIDTH, height=HEIGHT, watermark_seed=seed)
        for seed in (None, "film", "film")
    )
    assert marked == again
    pictures = [Image.open(io.BytesIO(content)).convert("RGB") for content in (clean, marked)]
    assert apart(*pictures) > 3
