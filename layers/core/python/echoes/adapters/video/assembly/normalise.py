"""Normalises clips of another size or encoding: masters at the size of a film."""

import hashlib
from collections import deque
from pathlib import Path

import av

from echoes.adapters.video import profile
from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.adapters.video.boxes import stream_signature
from echoes.adapters.video.source import SourceUnusable, normalised_frames
from echoes.adapters.video.writer import ClipWriter
from echoes.domain.assembly.render_plan import Master


def normalise_clip(source: Path, target: Path, *, handle: str, width: int, height: int) -> Master:
    """
    Write a master of any clip we can read; return it as the master *handle*.

    Its rate becomes 24 frames a second and its shape the film's: a picture of another ratio stands
    whole on a blurred ground. Repeatable, with identical bytes. Raises FootageUnusable with the
    reasons of `source.SourceUnusable`, and `too_short` under half a second; *target* is deleted.
    """
    profile.check_size(width, height)
    try:
        with ClipWriter(
            target, width=width, height=height, options=profile.master_options(width, height)
        ) as writer:
            # The length is known only at the end: as many are held back as the last joint has.
            held: deque[av.VideoFrame] = deque()
            for frame in normalised_frames(source, width=width, height=height):
                held.append(frame)
                if len(held) > profile.JOINT_FRAMES:
                    writer.write(held.popleft(), idr=writer.frames in {0, profile.JOINT_FRAMES})
            for place, frame in enumerate(held):
                writer.write(frame, idr=not place or writer.frames in {0, profile.JOINT_FRAMES})
        if writer.frames < profile.JOINT_FRAMES:
            raise SourceUnusable("too_short")  # noqa: TRY301  # one way out for all reasons
        with target.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return Master(
            handle=handle,
            sha256=sha256,
            signature=stream_signature(target),
            frames=writer.frames,
            width=width,
            height=height,
        )
    except SourceUnusable as error:
        target.unlink(missing_ok=True)
        raise FootageUnusable(error.reason, handle=handle) from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
