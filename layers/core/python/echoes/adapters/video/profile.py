"""
The encoding profile of all our clips, so that films can be joined without encoding again.

Stream copy needs equal SPS/PPS bytes, time scale and edit list in all clips of a film. Everything
that affects them is pinned here; the rate factor may differ, `stitchable=1` keeps it out of the
headers. Change a value and no new clip can be joined with an old one.
"""

from typing import Final

FPS: Final = 24
TIMESCALE: Final = 12_288  # 512 ticks a frame at 24 fps; divisible by 12, 16, 24, 32 and 48
JOINT_FRAMES: Final = 12  # a cross-fade re-encodes half a second at either end of a clip
MASTER_CRF: Final = 20  # 51 dB on a gliding photo; as good as 17 with mbtree, and as large
PREVIEW_CRF: Final = 27
DECODER_THREADS: Final = 2
# With a rate limit and more than one thread, x264 plans by how far the other thread happens to be:
# 1 file in 50 differed from run to run. The second core resamples, or writes the preview.
ENCODER_THREADS: Final = 1
MIN_SIDE: Final = 64
MAX_SIDE: Final = 2048

# x264's macroblock tree reads past its rows, so that at most of our sizes one and the same input
# gave different bits from run to run. Without it a repeated task writes the same file.
_REPEATABLE: Final = "mbtree=0"
_LEVEL_31_MACROBLOCKS: Final = 3600  # 1280x720; H.264 table A-1
_LEVEL_40_MACROBLOCKS: Final = 8192

# ISO/IEC 23091-2 code points for BT.709 and for studio ("tv") range in FFmpeg's own numbering.
BT709: Final = 1
TV_RANGE: Final = 1


def check_size(width: int, height: int) -> None:
    """Refuse, with ValueError, sizes that 4:2:0 video or our levels cannot hold."""
    if width % 2 or height % 2:
        raise ValueError(f"4:2:0 video needs even sides: {width}x{height}")
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        raise ValueError(f"sides must be {MIN_SIDE}..{MAX_SIDE} pixels: {width}x{height}")
    if _macroblocks(width, height) > _LEVEL_40_MACROBLOCKS:
        raise ValueError(f"more pixels than level 4.0 holds: {width}x{height}")


def master_options(width: int, height: int, *, crf: int = MASTER_CRF) -> dict[str, str]:
    """Return libx264's options for a clean master of this size."""
    small = _macroblocks(width, height) <= _LEVEL_31_MACROBLOCKS
    level, kilobits = ("3.1", 8_000) if small else ("4.0", 14_000)
    return {
        # superfast, veryfast and faster write the same headers; ultrafast and medium do not.
        "preset": "veryfast",
        "profile": "high",
        "crf": str(crf),
        "forced-idr": "1",
        "x264-params": ":".join(
            (
                "stitchable=1:keyint=48:min-keyint=1:scenecut=0:open-gop=0",
                "bframes=2:b-adapt=1:b-pyramid=normal:ref=2:weightp=1:rc-lookahead=20",
                _REPEATABLE,
                f"level={level}:vbv-maxrate={kilobits}:vbv-bufsize={kilobits}",
                "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv",
            )
        ),
    }


def preview_options() -> dict[str, str]:
    """Return libx264's options for the small watermarked copy: about 0.5 to 1 Mbit/s."""
    return {
        "preset": "veryfast",
        "profile": "high",
        "crf": str(PREVIEW_CRF),
        "x264-params": (
            f"{_REPEATABLE}:keyint=48:open-gop=0:vbv-maxrate=1500:vbv-bufsize=3000:"
            "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
        ),
    }


def _macroblocks(width: int, height: int) -> int:
    return -(-width // 16) * -(-height // 16)
