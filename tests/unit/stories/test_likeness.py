"""Pictures that look alike have near hashes, others have not; the sharper of two is known."""

import io
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from echoes.adapters.video.likeness import perceptual_hash, sharpness
from echoes.adapters.video.photo_processor import PillowPhotoProcessor
from echoes.adapters.video.photos import open_photo
from echoes.domain.identifiers import UploadId
from echoes.domain.stories.selection import (
    BURST_BITS,
    NEAR_DUPLICATE_BITS,
    SAME_PICTURE_BITS,
    StoryPhoto,
    select_photos,
)
from tests.support.story_photos import a_photo

EXIF_IFD, DATE_TAKEN = 0x8769, 0x9003
SAMPLES = sorted((Path(__file__).parents[3] / "samples").glob("*.jpg"))


def picture_of(path: Path) -> Image.Image:
    picture = Image.open(path)
    picture.load()
    return picture.convert("RGB")


def saved(picture: Image.Image, kind: str, **options: int | Image.Exif) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def distance(one: str | None, other: str | None) -> int:
    assert one is not None
    assert other is not None
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.stem))
def test_a_picture_saved_again_is_the_same_picture(path: Path) -> None:
    """E4: other sizes, formats, qualities and a little more light move at most five bits."""
    picture = picture_of(path)
    original = open_photo(path.read_bytes()).perceptual_hash
    half = picture.resize((picture.width // 2, picture.height // 2))
    for copy in (
        saved(picture, "JPEG", quality=40),
        saved(picture, "PNG"),
        saved(half, "JPEG", quality=70),
        saved(half, "WEBP", quality=60),
        saved(ImageEnhance.Brightness(picture).enhance(1.1), "JPEG", quality=90),
        saved(ImageEnhance.Color(picture).enhance(0.0), "JPEG", quality=90),
    ):
        assert distance(original, open_photo(copy).perceptual_hash) <= SAME_PICTURE_BITS


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.stem))
def test_a_slightly_moved_camera_sees_nearly_the_same(path: Path) -> None:
    """E4: bursts differ in few bits: a hand moves by a hundredth of the picture."""
    picture = picture_of(path)
    width, height = picture.size
    for step, bits in ((0.01, NEAR_DUPLICATE_BITS), (0.025, BURST_BITS)):
        box = (width * step, height * step, width, height)
        moved = picture.transform(picture.size, Image.Transform.EXTENT, box)
        assert distance(perceptual_hash(picture), perceptual_hash(moved)) <= bits


def test_different_pictures_have_different_hashes() -> None:
    """E4: no two of the samples could be taken for a burst, nor a picture for its mirror image."""
    pictures = [picture_of(path) for path in SAMPLES]
    pictures += [picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for picture in pictures]
    for one, other in combinations([perceptual_hash(picture) for picture in pictures], 2):
        assert distance(one, other) > BURST_BITS


def test_a_hash_is_sixty_four_bits() -> None:
    """16 hex digits, the same for the same picture, also when there is nothing to see."""
    for picture in (picture_of(SAMPLES[0]), Image.new("RGB", (64, 64), "white")):
        assert len(perceptual_hash(picture)) == 16
        assert perceptual_hash(picture) == perceptual_hash(picture.copy())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.stem))
def test_a_blurred_photo_is_less_sharp(path: Path) -> None:
    """Out of focus and shaken photos of a scene lose against the good one, whatever their size."""
    picture = picture_of(path)
    soft = picture.filter(ImageFilter.GaussianBlur(max(picture.size) / 250))
    assert sharpness(soft) < 0.7 * sharpness(picture)
    larger = soft.resize((soft.width * 2, soft.height * 2))
    assert sharpness(larger) < 0.7 * sharpness(picture)


def as_story_photo(name: str, content: bytes) -> StoryPhoto:
    facts = PillowPhotoProcessor().open(content).facts
    return StoryPhoto(
        upload_id=UploadId(name),
        width=facts.width,
        height=facts.height,
        taken_at=facts.taken_at,
        perceptual_hash=facts.perceptual_hash,
        sharpness=facts.sharpness,
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.stem))
def test_of_real_copies_the_original_is_kept(path: Path) -> None:
    """E3, E4: what a messenger passed on never replaces a photo, nor moves it, dated or not."""
    picture = picture_of(path)
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[DATE_TAKEN] = "2024:03:03 09:00:00"
    smaller = picture.resize((picture.width * 3 // 4, picture.height * 3 // 4))
    half = picture.resize((picture.width // 2, picture.height // 2))
    copies = [
        as_story_photo("smaller", saved(smaller, "JPEG", quality=40)),
        as_story_photo("half", saved(half, "WEBP", quality=60)),
        as_story_photo("compressed", saved(picture, "JPEG", quality=40)),
        as_story_photo("sharpened", saved(half.filter(ImageFilter.SHARPEN), "JPEG", quality=90)),
    ]
    dated = as_story_photo("original", saved(picture, "JPEG", quality=92, exif=exif))
    undated = as_story_photo("original", path.read_bytes())
    assert dated.taken_at is not None
    assert max(copy.sharpness or 0 for copy in copies) > (dated.sharpness or 0), "the trap is there"
    early = a_photo("early", minutes=-10, bits=None)
    late = a_photo("late", minutes=10, bits=None)
    for photos in (
        [*copies, late, early, dated],
        [early, *copies, dated, late],
        [dated, *copies, late, early],
    ):
        selection = select_photos(photos)
        kept = [photo.upload_id for chapter in selection.chapters for photo in chapter.photos]
        assert kept == ["early", "original", "late"]
        assert {left.instead for left in selection.set_aside} == {"original"}
    for copy in copies:
        if copy.width < undated.width:
            for both in ([copy, undated], [undated, copy]):
                (left,) = select_photos(both).set_aside
                assert left.instead == "original"


def test_the_facts_of_a_photo_say_both() -> None:
    """What is found when a photo arrives is what stories are told from."""
    content = SAMPLES[0].read_bytes()
    facts = PillowPhotoProcessor().open(content).facts
    opened = open_photo(content)
    assert facts.perceptual_hash == opened.perceptual_hash is not None
    assert facts.sharpness == opened.sharpness is not None
