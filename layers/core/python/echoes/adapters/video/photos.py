"""Makes uploaded photos safe to show and fit for a video provider."""

import base64
import hashlib
import io
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PIL import Image, ImageFilter

from echoes.adapters.video.camera import Scene
from echoes.adapters.video.focus import find_focus
from echoes.adapters.video.likeness import perceptual_hash, sharpness
from echoes.adapters.video.pictures import PhotoUnreadable, open_picture

__all__ = ["PhotoReading", "PhotoUnreadable", "fit_photo", "open_photo"]

PREVIEW_SIDE: Final = 640
PLACEHOLDER_SIDE: Final = 20
MAX_PLACEHOLDER: Final = 1_000  # characters; it travels in every list of clips
FIT_SIDE: Final = 2048
# Width / height that Runway's gen4 family takes as it is; all other photos are fitted first.
PROVIDER_RATIOS: Final = (0.5, 2.0)
MAX_CROP_LOSS: Final = 0.35  # 3:2 into a square still crops; portrait into landscape is padded
_QUALITIES: Final = (92, 88, 84, 78, 70, 60, 50)
_SHRINK: Final = 0.75
_GROUND_SIDE: Final = 160  # blurring is cheap on a small picture, and enlarging blurs once more
_GROUND_BLUR: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoReading:
    """
    The facts we read from a photo when it arrives.

    `width` and `height` are pixels after orientation. `taken_at` is UTC, and with
    `taken_offset_minutes` added the local time that EXIF has: today's phones add the offset;
    without one, the time is read as UTC. `sha256` (hex) is of the original bytes. `preview_jpeg`
    (long side at most 640) and `placeholder` (a data URI) are made of pixels alone. `ratio_ok` says
    whether a provider would accept the photo uncropped. Similar pictures have a similar
    `perceptual_hash` (16 hex digits); among them, a higher `sharpness` means better focus. Both are
    measured upright.
    """

    content_type: str
    width: int
    height: int
    taken_at: datetime | None
    sha256: str
    preview_jpeg: bytes
    placeholder: str
    ratio_ok: bool
    taken_offset_minutes: int = 0
    perceptual_hash: str | None = None
    sharpness: int | None = None


def open_photo(content: bytes) -> PhotoReading:
    """
    Read a JPEG, PNG, WebP or HEIC photo to its last byte.

    Raises PhotoUnreadable. The same bytes give the same result; nothing is kept.
    """
    source = open_picture(content)
    preview = source.load(scale=min(1.0, PREVIEW_SIDE / max(source.width, source.height)))
    preview.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.LANCZOS)
    narrowest, widest = PROVIDER_RATIOS
    return PhotoReading(
        content_type=source.format.content_type,
        width=source.width,
        height=source.height,
        taken_at=source.taken_at,
        taken_offset_minutes=source.taken_offset_minutes,
        sha256=hashlib.sha256(content).hexdigest(),
        preview_jpeg=_jpeg(preview, 82),
        placeholder=_placeholder(preview),
        ratio_ok=narrowest <= source.width / source.height <= widest,
        perceptual_hash=perceptual_hash(preview),
        sharpness=sharpness(preview),
    )


def fit_photo(content: bytes, *, width: int, height: int, max_bytes: int = 3_500_000) -> bytes:
    """
    Return the photo as a JPEG of exactly the ratio width:height, without metadata.

    Its size is between width x height and a long side of 2048; its bytes stay within `max_bytes`.
    The photo is cropped around its subject if little is lost, or else placed on a blurred copy of
    itself. The same arguments give the same bytes. Raises PhotoUnreadable, and ValueError for a
    size beyond 2048 or a `max_bytes` that is too small.
    """
    if not (0 < width <= FIT_SIDE and 0 < height <= FIT_SIDE):
        raise ValueError(f"sides must be 1..{FIT_SIDE} pixels: {width}x{height}")
    source = open_picture(content)
    scene = Scene(width=source.width, height=source.height, ratio=width / height)
    kept = scene.side(1.0)
    cropped = 1 - kept[0] * kept[1] / (scene.width * scene.height) <= MAX_CROP_LOSS
    natural = kept[0] if cropped else max(scene.width, scene.height * scene.ratio)
    size = _exact_size(width, height, natural=natural)
    picture = source.load(scale=min(1.0, size[0] / natural))
    fitted = _cropped(picture, size) if cropped else on_blurred_ground(picture, size)
    return _within(fitted, max_bytes, ratio=(width, height))


def on_blurred_ground(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a picture of `size` that shows all of `picture` on a dim, blurred copy of it."""
    scale = _GROUND_SIDE / max(size)
    small = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    ground = (
        _covering(picture, small)
        .filter(ImageFilter.GaussianBlur(_GROUND_BLUR))
        .point([value * 4 // 5 for value in range(256)] * 3)
        .resize(size, Image.Resampling.BILINEAR)
    )
    ratio = min(size[0] / picture.width, size[1] / picture.height)
    inside = (
        min(size[0], max(1, round(picture.width * ratio))),
        min(size[1], max(1, round(picture.height * ratio))),
    )
    ground.paste(
        picture.resize(inside, Image.Resampling.LANCZOS),
        ((size[0] - inside[0]) // 2, (size[1] - inside[1]) // 2),
    )
    return ground


def _exact_size(width: int, height: int, *, natural: float) -> tuple[int, int]:
    unit = math.gcd(width, height)
    across, down = width // unit, height // unit
    times = min(max(int(natural / across), unit), FIT_SIDE // max(across, down))
    return across * times, down * times


def _cropped(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    focus = find_focus(picture)
    scene = Scene(width=picture.width, height=picture.height, ratio=size[0] / size[1])
    window = scene.clamped(focus.x * scene.width, focus.y * scene.height, 1.0)
    across, down = scene.side(1.0)
    left, top = max(0.0, window.x - across / 2), max(0.0, window.y - down / 2)
    box = (left, top, min(left + across, scene.width), min(top + down, scene.height))
    return picture.resize(size, Image.Resampling.LANCZOS, box=box)


def _covering(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    scene = Scene(width=picture.width, height=picture.height, ratio=size[0] / size[1])
    across, down = scene.side(1.0)
    left, top = (scene.width - across) / 2, (scene.height - down) / 2
    box = (left, top, min(left + across, scene.width), min(top + down, scene.height))
    return picture.resize(size, Image.Resampling.BILINEAR, box=box)


def _within(picture: Image.Image, max_bytes: int, *, ratio: tuple[int, int]) -> bytes:
    while True:
        for quality in _QUALITIES:
            encoded = _jpeg(picture, quality)
            if len(encoded) <= max_bytes:
                return encoded
        unit = math.gcd(*ratio)
        across, down = ratio[0] // unit, ratio[1] // unit
        times = int(picture.width * _SHRINK / across)
        if times < 1:
            raise ValueError(f"no picture of this ratio fits in {max_bytes} bytes")
        picture = picture.resize((across * times, down * times), Image.Resampling.LANCZOS)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=quality, optimize=True)
    return target.getvalue()


def _placeholder(picture: Image.Image) -> str:
    tiny = picture.copy()
    tiny.thumbnail((PLACEHOLDER_SIDE, PLACEHOLDER_SIDE), Image.Resampling.BOX)
    for quality in (60, 30, 1):
        target = io.BytesIO()
        tiny.save(target, "WEBP", quality=quality, method=6)
        uri = "data:image/webp;base64," + base64.b64encode(target.getvalue()).decode("ascii")
        if len(uri) <= MAX_PLACEHOLDER:
            break
    return uri
