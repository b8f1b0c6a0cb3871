"""What makes two clips joinable without encoding is read from their index alone."""

from pathlib import Path

import av
import pytest

from echoes.adapters.video.boxes import BoxesBroken, stream_signature, top_level
from echoes.adapters.video.writer import master_writer
from tests.support.masters import starts_at_once


@pytest.fixture
def master(tmp_path: Path) -> Path:
    path = tmp_path / "master.mp4"
    with master_writer(path, width=176, height=98, frames=24) as writer:
        for _ in range(24):
            writer.write(av.VideoFrame(176, 98, "yuv420p"))
    return path


def changed(path: Path, kind: bytes, offset: int, value: int) -> Path:
    """Set one byte of the first box of this kind, counted from its body."""
    content = bytearray(path.read_bytes())
    content[content.index(kind, content.index(b"moov")) + 4 + offset] = value
    other = path.with_name("changed.mp4")
    other.write_bytes(content)
    return other


@pytest.mark.parametrize(
    ("kind", "offset"),
    [(b"avcC", 12), (b"colr", 5), (b"pasp", 3), (b"mdhd", 14), (b"elst", 15), (b"avc1", 25)],
)
def test_what_a_decoder_reads_is_signed(master: Path, kind: bytes, offset: int) -> None:
    """SPS, colours, pixel shape, time scale, edit list and size each change the signature."""
    assert stream_signature(changed(master, kind, offset, 0x77)) != stream_signature(master)


@pytest.mark.parametrize(("kind", "offset"), [(b"btrt", 2), (b"avc1", 45), (b"mdhd", 19)])
def test_what_differs_from_clip_to_clip_is_not_signed(
    master: Path, kind: bytes, offset: int
) -> None:
    """Bit rates, the encoder's name and the length do not keep two clips apart."""
    assert stream_signature(changed(master, kind, offset, 0x77)) == stream_signature(master)


def test_boxes_tile_their_file(master: Path, tmp_path: Path) -> None:
    """The outermost boxes are read without the media, and a cut file shows at once."""
    boxes = top_level(master)
    assert [box.kind for box in boxes][:2] == [b"ftyp", b"moov"]
    assert boxes[-1].end == master.stat().st_size
    assert starts_at_once(master)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(master.read_bytes()[:-1])
    with pytest.raises(BoxesBroken):
        top_level(cut)


@pytest.mark.parametrize(
    "content",
    [
        b"\0\0\0\x01ftyp" + bytes(8),  # a 64-bit size of nothing
        b"\0\0\0\x04free",  # smaller than its own header
        b"\0\0\0\x08free" * 100,
        b"\0\0\0\x08moov",
        b"\0\0\0\x18moov\0\0\0\x10trak\0\0\0\xffmdia",
    ],
)
def test_nonsense_is_refused(content: bytes, tmp_path: Path) -> None:
    """Boxes that lie about their size end in an error, not in a loop."""
    path = tmp_path / "nonsense.mp4"
    path.write_bytes(content)
    with pytest.raises(BoxesBroken):
        stream_signature(path)
