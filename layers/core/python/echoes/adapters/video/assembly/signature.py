"""The encoding of today's masters: what can be joined without encoding anything again."""

import tempfile
from functools import cache
from pathlib import Path

import av

from echoes.adapters.video import profile
from echoes.adapters.video.boxes import stream_signature
from echoes.adapters.video.writer import ClipWriter


@cache
def film_signature(width: int, height: int) -> str:
    """Return the signature of masters of this size, as this version of us encodes them."""
    profile.check_size(width, height)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "frame.mp4"
        with ClipWriter(
            path, width=width, height=height, options=profile.master_options(width, height)
        ) as writer:
            for _ in range(profile.JOINT_FRAMES):
                writer.write(av.VideoFrame(width, height, "yuv420p"))
        return stream_signature(path)
