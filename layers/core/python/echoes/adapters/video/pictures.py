"""Opens photos that strangers send: four formats, bounded, upright, in sRGB, without metadata."""

import io
import math
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import pillow_heif
from PIL import Image, ImageCms

MAX_PIXELS: Final = 50_000_000  # a 48-megapixel phone; about 200 MB once decoded
MIN_SIDE: Final = 64  # below, there is nothing to animate
MIN_RATIO: Final = 0.4  # width / height; within these we crop or pad for the provider
MAX_RATIO: Final = 2.5

_ORIENTATION: Final = 0x0112
_EXIF_IFD: Final = 0x8769
_DATE_TIME_ORIGINAL: Final = 0x9003
_OFFSET_TIME_ORIGINAL: Final = 0x9011
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_Taken = tuple[datetime | None, int]
"""When, in UTC, and the minutes from there to the local time."""

_SIDEWAYS: Final = frozenset({5, 6, 7, 8})
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis"})
_HEIF_STILL: Final = b"mif1"  # says nothing of the codec: the compatible brands do

# What Pillow, libheif and lcms raise for bytes that are not what they claim to be.
_DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    MemoryError,
    RuntimeError,
)


class PhotoUnreadable(Exception):
    """
    These bytes are not a usable photo.

    `reason` is one of unsupported_format, corrupt, too_many_pixels, too_small, ratio.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PhotoFormat(StrEnum):
    """The formats we open, by the names Pillow gives them."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    HEIC = "HEIF"

    @property
    def content_type(self) -> str:
        """Return the media type of RFC 9110 for this format."""
        return "image/heic" if self is PhotoFormat.HEIC else f"image/{self.value.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    An opened photo whose pixels are not decoded yet. `width` and `height` are upright.

    `taken_offset_minutes` lead from `taken_at`, which is UTC, to the local time the camera wrote.
    """

    format: PhotoFormat
    width: int
    height: int
    taken_at: datetime | None
    taken_offset_minutes: int
    content: bytes
    orientation: int

    def load(self, *, scale: float = 1.0) -> Image.Image:
        """
        Decode to RGB in sRGB, upright, at `scale` (0 < scale <= 1) of the original size.

        The picture carries no metadata. Raises PhotoUnreadable("corrupt") if the bytes end early or
        are inconsistent. May be repeated.
        """
        try:
            with _bombs_refused():
                picture = _open(self.content, self.format)
                size = (
                    max(1, math.ceil(picture.width * scale)),
                    max(1, math.ceil(picture.height * scale)),
                )
                if scale < 1.0:
                    picture.draft(None, size)  # JPEG alone: decodes at 1/2, 1/4 or 1/8
                picture.load()
                if picture.size != size:
                    picture = _deep(picture).resize(size, Image.Resampling.LANCZOS)
                picture = _to_srgb(picture)
        except _DECODER_ERRORS as error:
            raise PhotoUnreadable("corrupt") from error
        turn = _UPRIGHT.get(self.orientation)
        upright = picture if turn is None else picture.transpose(turn)
        # A picture built from pixels alone, so that none of the file's metadata is copied.
        bare = Image.new("RGB", upright.size)
        bare.paste(upright)
        return bare


def open_picture(content: bytes) -> Picture:
    """
    Read the header of a JPEG, PNG, WebP or HEIC photo, recognised by its first bytes.

    Raises PhotoUnreadable for any other format, for unreadable headers, and for sizes and ratios
    outside our bounds. The pixels are not decoded, so truncation shows at `load`.
    """
    kind = _sniff(content)
    try:
        with _bombs_refused():
            picture = _open(content, kind)
            width, height = picture.size
            orientation, (taken_at, offset_minutes) = _read_exif(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoUnreadable("too_many_pixels") from error
    except _DECODER_ERRORS as error:
        raise PhotoUnreadable("corrupt") from error
    if orientation in _SIDEWAYS:
        width, height = height, width
    if width * height > MAX_PIXELS:
        raise PhotoUnreadable("too_many_pixels")
    if min(width, height) < MIN_SIDE:
        raise PhotoUnreadable("too_small")
    if not MIN_RATIO <= width / height <= MAX_RATIO:
        raise PhotoUnreadable("ratio")
    return Picture(
        format=kind,
        width=width,
        height=height,
        taken_at=taken_at,
        taken_offset_minutes=offset_minutes,
        content=content,
        orientation=orientation,
    )


def _sniff(content: bytes) -> PhotoFormat:
    if content.startswith(b"\xff\xd8\xff"):
        return PhotoFormat.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PhotoFormat.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return PhotoFormat.WEBP
    if content[4:8] == b"ftyp":
        length = min(int.from_bytes(content[:4], "big"), 256)
        brands = {content[at : at + 4] for at in range(16, length, 4)}
        major = content[8:12]
        if major in _HEIC_BRANDS or (major == _HEIF_STILL and brands & _HEIC_BRANDS):
            return PhotoFormat.HEIC
    raise PhotoUnreadable("unsupported_format")


def _open(content: bytes, kind: PhotoFormat) -> Image.Image:
    if kind is PhotoFormat.HEIC:
        # The class itself, not its registration: opening a photo changes nothing global.
        # It turns the picture upright by itself.
        heic: Image.Image = pillow_heif.HeifImageFile(io.BytesIO(content))  # type: ignore[no-untyped-call]  # its module has no types
        return heic
    return Image.open(io.BytesIO(content), formats=[kind.value])


class _bombs_refused(warnings.catch_warnings):  # noqa: N801  # reads as a clause
    """Turn Pillow's warning about too many pixels into an error, and silence its others."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)


def _read_exif(picture: Image.Image) -> tuple[int, _Taken]:
    try:
        exif = picture.getexif()
        orientation = exif.get(_ORIENTATION, 1)
        details = exif.get_ifd(_EXIF_IFD)
    except _DECODER_ERRORS:
        return 1, (None, 0)  # broken metadata does not spoil a photo
    taken = _moment(details.get(_DATE_TIME_ORIGINAL), details.get(_OFFSET_TIME_ORIGINAL))
    return (orientation if isinstance(orientation, int) else 1), taken


def _moment(stamp: object, offset: object) -> _Taken:
    """
    Read EXIF's local time as a moment and its offset.

    Phones have written the offset since EXIF 2.31 (2016); most other cameras write none, and a time
    without a valid offset is read as UTC.
    """
    if not isinstance(stamp, str):
        return None, 0
    stamp = stamp.strip("\0 ")
    try:
        local = datetime.strptime(stamp, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None, 0
    if not isinstance(offset, str):
        return local, 0
    try:
        aware = datetime.strptime(f"{stamp} {offset.strip(chr(0) + ' ')}", "%Y:%m:%d %H:%M:%S %z")
        moment = aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return local, 0
    # Rounded towards zero, so that moment and offset give a time the calendar has.
    return moment, int((local - moment).total_seconds() / 60)


def _to_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    flat = _flatten(_deep(picture))
    if isinstance(profile, bytes) and profile:
        try:
            converted = ImageCms.profileToProfile(
                flat,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a broken profile: the numbers are all we have
        if converted is not None:
            return converted
    return flat.convert("RGB")


def _deep(picture: Image.Image) -> Image.Image:
    """Bring palettes, bits and 16-bit greys to eight bits a channel, which can be resampled."""
    if picture.mode in {"P", "PA", "1"}:
        return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return picture


def _flatten(picture: Image.Image) -> Image.Image:
    """Put transparent parts on white, as in print."""
    if not picture.has_transparency_data:
        return picture
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")
