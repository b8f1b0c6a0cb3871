"""Writes H.264 in mp4, the index first, so that a browser starts playing at once."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.video.frame import PictureType

from echoes.adapters.video import profile


class ClipWriter:
    """
    One silent constant-rate video file, open from `with` to its end.

    Frames are given in order; the n-th is shown at n / fps. The file is complete if the block ends
    without an error, and unusable otherwise.
    """

    def __init__(  # a file, its shape and how it is coded
        self,
        path: Path,
        *,
        width: int,
        height: int,
        options: dict[str, str],
        fps: int = profile.FPS,
        idr_at: frozenset[int] = frozenset(),
    ) -> None:
        self.frames = 0
        self._idr_at = idr_at
        self._container = av.open(
            str(path),
            "w",
            format="mp4",
            container_options={
                "movflags": "+faststart",
                "fflags": "+bitexact",
                "video_track_timescale": str(profile.TIMESCALE),
            },
        )
        self._stream = self._container.add_stream("libx264", rate=fps, options=options)
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.sample_aspect_ratio = Fraction(1)
        context.time_base = self._time_base = Fraction(1, fps)
        context.thread_count = profile.ENCODER_THREADS
        context.colorspace = context.color_primaries = context.color_trc = profile.BT709
        context.color_range = profile.TV_RANGE

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()

    def write(self, frame: av.VideoFrame, *, idr: bool = False) -> None:
        """Append one frame; its time stamp and picture type are ours to set."""
        frame.pts = self.frames
        frame.time_base = self._time_base
        forced = idr or self.frames in self._idr_at
        frame.pict_type = PictureType.I if forced else PictureType.NONE
        self._container.mux(self._stream.encode(frame))
        self.frames += 1


def master_writer(
    path: Path,
    *,
    width: int,
    height: int,
    frames: int,
    fps: int = profile.FPS,
    crf: int = profile.MASTER_CRF,
) -> ClipWriter:
    """Open a clean master of `frames` frames, with IDRs where a cross-fade would cut."""
    profile.check_size(width, height)
    return ClipWriter(
        path,
        width=width,
        height=height,
        options=profile.master_options(width, height, crf=crf),
        fps=fps,
        idr_at=frozenset({0, profile.JOINT_FRAMES, frames - profile.JOINT_FRAMES}),
    )
