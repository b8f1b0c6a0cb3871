"""
Check the bytes of an image as the API would, and compute the size of its clip.

Every refusal is a sentence for `issues[].message`; the wording of the ones that were seen from the
real API is kept.
"""

import base64
import binascii
import io
import re
from dataclasses import dataclass
from typing import Final

from PIL import Image, UnidentifiedImageError

from dev.simulators.runway.contract import Contract, ImageLimits

_DATA_URI: Final = re.compile(r"^data:(image/[a-z0-9.+-]+);base64,(.+)$", re.DOTALL)
_DEFAULT_HEIGHT: Final = 720
_MIN_SIDE: Final = 2
_EXTREME_RATIO: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """An image that was opened and decoded; sides in pixels, as stored in the file."""

    data: bytes
    width: int
    height: int

    @property
    def ratio(self) -> float:
        """Return width divided by height."""
        return self.width / self.height


class AssetRefused(Exception):
    """The asset cannot be used; the text is what the client reads."""


def decode_data_uri(uri: str, contract: Contract) -> Photo:
    """Return the photo inside a `data:` URI, or raise `AssetRefused`."""
    match = _DATA_URI.match(uri)
    if match is None:
        raise AssetRefused("Invalid data URI.")
    content_type, encoded = match.groups()
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AssetRefused("Invalid data URI.") from error
    return open_photo(data, content_type=content_type, contract=contract)


def open_photo(data: bytes, *, content_type: str, contract: Contract) -> Photo:
    """Decode `data` as the content type it claims to be, or raise `AssetRefused`."""
    wanted = contract.image_content_types.get(content_type.partition(";")[0].strip().lower())
    if wanted is None:
        known = ", ".join(contract.image_content_types)
        raise AssetRefused(f'Unsupported asset type "{content_type}". Supported types: {known}.')
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
            width, height = image.size
            if max(width, height) > contract.max_image_side:
                raise AssetRefused(
                    f"Invalid asset dimensions. Each side must be below "
                    f"{contract.max_image_side + 1} pixels. Got {width}x{height}."
                )
            actual = image.format
            image.draft("RGB", (width // 8, height // 8))
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise AssetRefused("Invalid asset dimensions. The image is too large.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise AssetRefused("Invalid asset. The image could not be decoded.") from error
    if actual != wanted:
        raise AssetRefused(
            f"Invalid asset. The content type is {content_type}, the bytes are {actual}."
        )
    return Photo(data=data, width=width, height=height)


def refuse_by_shape(photo: Photo, limits: ImageLimits) -> None:
    """Raise `AssetRefused` when the model does not take a photo of this shape."""
    opening = "Invalid asset aspect ratio. width / height ratio must be at"
    if limits.min_ratio is not None and photo.ratio < limits.min_ratio:
        raise AssetRefused(f"{opening} least {limits.min_ratio}. Got {photo.ratio:.3f}.")
    if limits.max_ratio is not None and photo.ratio > limits.max_ratio:
        raise AssetRefused(f"{opening} most {limits.max_ratio}. Got {photo.ratio:.3f}.")
    if min(photo.width, photo.height) < limits.min_side:
        raise AssetRefused(
            f"Invalid asset dimensions. Each side must be at least {limits.min_side} pixels. "
            f"Got {photo.width}x{photo.height}."
        )


def frame_size(ratio: str | None, resolution: str | None, photo: Photo) -> tuple[int, int]:
    """
    Return width and height of the clip in pixels, both even.

    A pixel pair such as `720:1280` is itself. A proportion (`16:9`), `auto_720p`, `adaptive` or
    no ratio at all is laid out with a shorter side of `resolution`, 720 without one.
    """
    digits = re.search(r"(\d+)[pP]$", f"{ratio or ''} {resolution or ''}".strip())
    short_side = int(digits.group(1)) if digits else _DEFAULT_HEIGHT
    proportion = photo.ratio
    pair = re.fullmatch(r"(\d+):(\d+)", ratio or "")
    if pair:
        width, height = int(pair.group(1)), int(pair.group(2))
        if min(width, height) > _DEFAULT_HEIGHT // 4:
            return _even(width), _even(height)
        proportion = width / height
    proportion = min(max(proportion, 1 / _EXTREME_RATIO), _EXTREME_RATIO)
    if proportion >= 1:
        return _even(short_side * proportion), _even(short_side)
    return _even(short_side), _even(short_side / proportion)


def _even(length: float) -> int:
    return max(_MIN_SIDE, round(length / 2) * 2)
