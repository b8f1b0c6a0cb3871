"""What strangers upload becomes safe, upright and small, or is refused."""

import base64
import io
import struct
import zlib
from datetime import UTC, datetime, timedelta

import pillow_heif
import pytest
from PIL import Image, ImageCms

from echoes.adapters.video import pictures
from echoes.adapters.video.photos import fit_photo, open_photo
from echoes.adapters.video.pictures import PhotoUnreadable
from tests.support.specimens import corners, dot, encoded, landscape, reopened

GPS_MARK = b"SECRETPLACE"


def exif(*, orientation: int = 1, taken: str | None = None, offset: str | None = None) -> bytes:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "Maker of cameras"
    details = data.get_ifd(0x8769)
    if taken:
        details[0x9003] = taken
    if offset:
        details[0x9011] = offset
    gps = data.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (48.0, 12.0, 30.0), "E", (16.0, 22.0, 12.0)
    gps[29] = GPS_MARK.decode()
    return data.tobytes()


def heic(picture: Image.Image, **options: object) -> bytes:
    target = io.BytesIO()
    pillow_heif.from_pillow(picture).save(target, quality=90, **options)
    return target.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(PhotoUnreadable) as caught:
        open_photo(content)
    return caught.value.reason


def colour_at(picture: Image.Image, x: float, y: float) -> tuple[int, int, int]:
    value = picture.convert("RGB").getpixel((int(x * picture.width), int(y * picture.height)))
    assert isinstance(value, tuple)
    red, green, blue = value
    return red, green, blue


def close(left: tuple[int, ...], right: tuple[int, ...], *, within: int = 24) -> bool:
    return all(abs(a - b) <= within for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_the_formats_of_the_web_are_opened(format: str) -> None:  # noqa: A002  # Pillow's word
    """A JPEG, PNG or WebP is recognised by its bytes, and its size is returned (PF-L2)."""
    photo = open_photo(encoded(landscape(320, 240), format))
    assert photo.content_type == f"image/{format.lower()}"
    assert (photo.width, photo.height) == (320, 240)
    assert photo.ratio_ok


def test_a_phone_s_heic_is_opened_and_becomes_jpeg() -> None:
    """IPhones send HEIC, which no browser but Safari shows: the preview is a JPEG of it (PR6)."""
    photo = open_photo(heic(corners(320, 240)))
    assert photo.content_type == "image/heic"
    preview = reopened(photo.preview_jpeg)
    assert preview.format == "JPEG"
    assert close(colour_at(preview, 0.25, 0.25), (255, 0, 0))
    assert close(colour_at(preview, 0.75, 0.75), (0, 0, 255))
    fitted = reopened(fit_photo(heic(corners(320, 240)), width=160, height=120))
    assert close(colour_at(fitted, 0.75, 0.25), (0, 255, 0))


def test_a_rotated_heic_stands_upright_once() -> None:
    """A HEIC turned by its own property is not turned again."""
    turned = heic(corners(320, 240), exif=exif(orientation=6))
    photo = open_photo(turned)
    assert (photo.width, photo.height) == (240, 320)
    assert close(colour_at(reopened(photo.preview_jpeg), 0.75, 0.25), (255, 0, 0))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_stands_upright(orientation: int) -> None:
    """However the phone was held, red is at the top left of preview and fitted photo."""
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    upright = corners(1280, 960)
    stored = upright if undo is None else upright.transpose(undo)
    content = encoded(stored, quality=95, exif=exif(orientation=orientation))
    photo = open_photo(content)
    assert (photo.width, photo.height) == (1280, 960)
    for made in (photo.preview_jpeg, fit_photo(content, width=640, height=480)):
        picture = reopened(made)
        assert picture.width / picture.height == pytest.approx(4 / 3)
        assert close(colour_at(picture, 0.25, 0.25), (255, 0, 0))
        assert close(colour_at(picture, 0.75, 0.25), (0, 255, 0))
        assert close(colour_at(picture, 0.25, 0.75), (255, 255, 255))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_no_place_survives(format: str) -> None:  # noqa: A002  # Pillow's word
    """GPS, camera and XMP of the original are in nothing that is made of it."""
    options: dict[str, object] = {"exif": exif(taken="2024:05:06 07:08:09")}
    if format != "PNG":
        options["xmp"] = b"<x:xmpmeta>" + GPS_MARK + b"</x:xmpmeta>"
    content = encoded(landscape(320, 240), format, **options)
    assert GPS_MARK in content
    assert not pictures.open_picture(content).load().info
    photo = open_photo(content)
    placeholder = base64.b64decode(photo.placeholder.partition(",")[2])
    for made in (photo.preview_jpeg, placeholder, fit_photo(content, width=160, height=90)):
        for trace in (GPS_MARK, b"Exif", b"EXIF", b"GPS", b"xmp", b"ICC_PROFILE", b"Maker of"):
            assert trace not in made
        assert not reopened(made).getexif()
        assert "exif" not in reopened(made).info


def test_the_moment_a_photo_was_taken_is_kept() -> None:
    """With EXIF's offset the moment is exact; without one the local time counts as UTC."""
    picture = landscape(96, 96)
    dated = encoded(picture, exif=exif(taken="2024:05:06 07:08:09", offset="+02:00"))
    assert open_photo(dated).taken_at == datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC)
    local = encoded(picture, exif=exif(taken="2024:05:06 07:08:09"))
    assert open_photo(local).taken_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    odd = encoded(picture, exif=exif(taken="2024:05:06 07:08:09", offset="   :  "))
    assert open_photo(odd).taken_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    for nothing in (exif(), exif(taken="0000:00:00 00:00:00"), exif(taken="yesterday")):
        assert open_photo(encoded(picture, exif=nothing)).taken_at is None
    assert open_photo(encoded(picture)).taken_at is None


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [
        ("+09:00", 540),
        ("-05:00", -300),
        ("+05:45", 345),
        ("-03:30", -210),
        ("+00:00", 0),
        ("Z", 0),
        (None, 0),
        ("   :  ", 0),
        ("+99:00", 0),
    ],
)
def test_what_the_clock_showed_where_a_photo_was_taken_is_kept(
    offset: str | None, minutes: int
) -> None:
    """The local time that EXIF has is never lost: the moment and its offset give it again."""
    stamp = "2024:03:05 08:00:00"
    photo = open_photo(encoded(landscape(96, 96), exif=exif(taken=stamp, offset=offset)))
    assert photo.taken_at is not None
    assert photo.taken_offset_minutes == minutes
    local = photo.taken_at + timedelta(minutes=photo.taken_offset_minutes)
    assert local == datetime(2024, 3, 5, 8, tzinfo=UTC)


def test_offsets_at_the_ends_of_the_calendar_are_harmless() -> None:
    """For every offset that a camera writes, the local time can be restored."""
    picture = landscape(96, 96)
    for stamp, offset in (
        ("0001:01:01 00:00:00", "+14:00"),
        ("0001:01:01 00:00:00", "-00:00:30"),
        ("9999:12:31 23:59:59", "-12:00"),
        ("9999:12:31 23:59:59", "+00:00:30"),
    ):
        photo = open_photo(encoded(picture, exif=exif(taken=stamp, offset=offset)))
        assert photo.taken_at is not None
        photo.taken_at + timedelta(minutes=photo.taken_offset_minutes)


def test_placeholder_and_preview_are_small() -> None:
    """The placeholder is a data URI of 20 px below 1 KB; the preview has 640 px (PF-L2)."""
    photo = open_photo(encoded(landscape(1500, 1000)))
    assert photo.placeholder.startswith("data:image/webp;base64,")
    assert len(photo.placeholder) < 1000
    tiny = reopened(base64.b64decode(photo.placeholder.partition(",")[2]))
    assert tiny.size == (20, 13)
    assert reopened(photo.preview_jpeg).size == (640, 427)


def test_a_wide_gamut_photo_is_shown_in_its_colours() -> None:
    """A profile other than sRGB is converted, not dropped."""
    linear = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    plain = landscape(128, 96)
    broken = open_photo(encoded(plain, icc_profile=linear))  # a profile that does not fit
    assert broken.preview_jpeg == open_photo(encoded(plain)).preview_jpeg
    swapped = Image.new("RGB", (128, 96), (200, 30, 30))
    shown = reopened(
        open_photo(encoded(swapped, icc_profile=_profile_with_red_and_green_swapped())).preview_jpeg
    )
    assert close(colour_at(shown, 0.5, 0.5), (30, 200, 30), within=12)


def _profile_with_red_and_green_swapped() -> bytes:
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data)


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("P", "PNG"),
        ("1", "PNG"),
        ("I;16", "PNG"),
        ("RGBA", "WEBP"),
    ],
)
def test_unusual_pixels_are_photos_too(mode: str, format: str) -> None:  # noqa: A002  # Pillow's word
    """Grey, printed, indexed, 16-bit and transparent pictures come out as colour JPEG."""
    middle = Image.new("L", (128, 96), 128)
    if mode == "I;16":
        picture = Image.frombytes("I;16", (128, 96), struct.pack("<H", 128 * 256) * 128 * 96)
    else:
        picture = middle.convert("RGB").convert(mode)
    shown = reopened(open_photo(encoded(picture, format)).preview_jpeg)
    assert shown.mode == "RGB"
    average = shown.resize((1, 1), Image.Resampling.BOX)
    assert close(colour_at(average, 0, 0), (128, 128, 128), within=4)


def test_what_is_transparent_lies_on_white() -> None:
    """Nothing hidden under transparency comes to light."""
    hidden = Image.new("RGBA", (128, 96), (255, 0, 0, 0))
    shown = reopened(open_photo(encoded(hidden, "PNG")).preview_jpeg)
    assert close(colour_at(shown, 0.5, 0.5), (255, 255, 255), within=2)


def test_only_the_first_frame_counts() -> None:
    """An animation is its first picture."""
    first, second = Image.new("RGB", (96, 96), "red"), Image.new("RGB", (96, 96), "blue")
    moving = encoded(first, "WEBP", save_all=True, append_images=[second], lossless=True)
    shown = reopened(open_photo(moving).preview_jpeg)
    assert close(colour_at(shown, 0.5, 0.5), (255, 0, 0))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7\n",
        b"\0\0\0\x18ftypavif\0\0\0\0avifmif1",
        b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
        encoded(Image.new("RGB", (96, 96)), "GIF"),
        encoded(Image.new("RGB", (96, 96)), "TIFF"),
        encoded(Image.new("RGB", (96, 96)), "BMP"),
    ],
)
def test_everything_else_is_refused_by_its_bytes(content: bytes) -> None:
    """Only four formats are opened, regardless of the claimed name and type."""
    assert refused(content) == "unsupported_format"


def test_a_head_without_a_body_is_corrupt() -> None:
    """The right first bytes with nonsense behind them are refused as corrupt."""
    for head in (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBPVP8 "):
        assert refused(head + b"nonsense" * 40) == "corrupt"
    assert refused(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"nonsense" * 40) == "corrupt"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "HEIC"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_truncated_photo_is_refused(format: str, share: float) -> None:  # noqa: A002  # Pillow's word
    """An upload that broke off is not animated with half a face grey."""
    whole = landscape(320, 240)
    content = heic(whole) if format == "HEIC" else encoded(whole, format)
    assert refused(content[: int(len(content) * share)]) == "corrupt"


def _png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [7_100, 9_600, 30_000])
def test_a_pixel_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    """A few bytes that claim fifty million pixels or more cost nothing (AJ8)."""
    assert refused(_png_header(side, side)) == "too_many_pixels"


def test_a_photo_at_the_bound_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound itself is allowed, one pixel more is not."""
    monkeypatch.setattr(pictures, "MAX_PIXELS", 100 * 100)
    assert open_photo(encoded(landscape(100, 100))).width == 100
    assert refused(encoded(landscape(101, 100))) == "too_many_pixels"


def test_sizes_and_ratios_have_bounds() -> None:
    """Below 64 px there is nothing to animate; beyond 0.4..2.5 too much would be lost."""
    assert refused(encoded(landscape(63, 100))) == "too_small"
    assert refused(encoded(landscape(100, 260))) == "ratio"
    assert refused(encoded(landscape(260, 100))) == "ratio"
    tall = open_photo(encoded(landscape(100, 216)))
    assert not tall.ratio_ok  # 0.462: a phone's screenshot, which a provider refuses as it is


def test_the_same_bytes_answer_the_same() -> None:
    """Opening and fitting are functions of the bytes alone."""
    content = encoded(landscape(400, 300))
    assert open_photo(content) == open_photo(content)
    first = fit_photo(content, width=320, height=180)
    assert first == fit_photo(content, width=320, height=180)


@pytest.mark.parametrize(
    "size", [(1280, 720), (720, 1280), (1104, 832), (832, 1104), (960, 960), (1584, 672)]
)
@pytest.mark.parametrize("photo", [(800, 600), (600, 800), (460, 1000)])
def test_a_fitted_photo_has_exactly_the_ratio(
    size: tuple[int, int], photo: tuple[int, int]
) -> None:
    """A provider that crops to the ratio finds nothing to crop (PR6)."""
    fitted = reopened(fit_photo(encoded(landscape(*photo)), width=size[0], height=size[1]))
    assert fitted.width * size[1] == fitted.height * size[0]
    assert max(fitted.size) <= 2048
    assert fitted.width >= size[0]


def test_a_large_photo_is_fitted_to_2048() -> None:
    """Detail is kept up to a long side of 2048, and no further."""
    fitted = reopened(fit_photo(encoded(landscape(3000, 2250)), width=1280, height=720))
    assert fitted.size == (2048, 1152)


def test_a_fitted_photo_stays_below_its_bytes() -> None:
    """Quality gives way first, then size; the ratio never does."""
    noise = Image.effect_noise((1200, 900), 120).convert("RGB")
    for limit in (3_500_000, 400_000, 60_000, 6_000):
        content = fit_photo(encoded(noise), width=1280, height=720, max_bytes=limit)
        assert len(content) <= limit
        fitted = reopened(content)
        assert fitted.width * 9 == fitted.height * 16
    with pytest.raises(ValueError, match="100 bytes"):
        fit_photo(encoded(noise), width=1280, height=720, max_bytes=100)


def test_a_modest_crop_keeps_the_subject() -> None:
    """A 4:3 photo is cropped to 16:9 where its subject is, not at its middle."""
    for y in (90, 390):
        picture = dot(640, 480, x=320, y=y, sigma=24)
        fitted = reopened(fit_photo(encoded(picture), width=640, height=360)).convert("L")
        assert fitted.size == (640, 360)
        assert fitted.histogram()[241:] != [0] * 15
        kept = fitted.point(lambda value: 255 * (value > 60)).getbbox()
        assert kept is not None
        assert kept[1] > 0
        assert kept[3] < 360


def test_a_portrait_in_a_landscape_frame_loses_nobody() -> None:
    """Where cropping would lose too much, the whole photo stands on a blurred ground."""
    fitted = reopened(fit_photo(encoded(corners(480, 640), quality=95), width=640, height=360))
    height, width = 360, 270  # the photo within the frame, at the middle
    assert fitted.size == (1138 // 16 * 16, 1138 // 16 * 9)
    scale = fitted.height / height
    left = (fitted.width - width * scale) / 2 / fitted.width
    inside = width * scale / fitted.width
    assert close(colour_at(fitted, left + inside * 0.1, 0.05), (255, 0, 0))
    assert close(colour_at(fitted, left + inside * 0.9, 0.05), (0, 255, 0))
    assert close(colour_at(fitted, left + inside * 0.9, 0.95), (0, 0, 255))
    assert close(colour_at(fitted, left + inside * 0.1, 0.95), (255, 255, 255))
    assert not close(colour_at(fitted, 0.02, 0.3), (0, 0, 0), within=60)  # no black bars
