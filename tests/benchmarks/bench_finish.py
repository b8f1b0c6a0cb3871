"""
Measure what one decode for two encodes saves: `python tests/benchmarks/bench_finish.py`.

Trust the processor seconds and the ratio: wall times depend on who else is on the machine.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from echoes.adapters.video import planes, profile
from echoes.adapters.video.finish import finish_clip, preview_size
from echoes.adapters.video.source import normalised_frames
from echoes.adapters.video.watermark import Watermark
from echoes.adapters.video.writer import ClipWriter, master_writer
from tests.support.specimens import panorama, write_clip

SIZE = (1280, 720)
SECONDS = 3
ROUNDS = 3


def one_pass(source: Path, directory: Path) -> None:
    """Finish the clip as the product does."""
    finish_clip(
        source,
        directory=directory,
        width=SIZE[0],
        height=SIZE[1],
        duration_seconds=SECONDS,
        watermark_seed="bench",
    )


def two_passes(source: Path, directory: Path) -> None:
    """Decode once for the master and once more for the preview."""
    width, height = SIZE
    with master_writer(
        directory / "m.mp4", width=width, height=height, frames=SECONDS * profile.FPS
    ) as writer:
        for frame in normalised_frames(source, width=width, height=height):
            writer.write(frame)
    width, height = preview_size(*SIZE)
    watermark = Watermark(width=width, height=height, seed="bench")
    with ClipWriter(
        directory / "p.mp4", width=width, height=height, options=profile.preview_options()
    ) as writer:
        for frame in normalised_frames(source, width=SIZE[0], height=SIZE[1]):
            small = frame.reformat(width=width, height=height, interpolation="AREA")
            writer.write(planes.to_frame(watermark.burn(planes.from_frame(small))))


def measured(work: Callable[[Path, Path], None], source: Path) -> tuple[float, float]:
    """Answer wall and processor seconds of one run."""
    with tempfile.TemporaryDirectory() as directory:
        wall, processor = time.perf_counter(), time.process_time()
        work(source, Path(directory))
        return time.perf_counter() - wall, time.process_time() - processor


def main() -> None:
    """Print the medians of interleaved runs."""
    with tempfile.TemporaryDirectory() as directory:
        frame = panorama(*SIZE)
        source = write_clip(
            Path(directory) / "source.mp4",
            frames=(frame(index) for index in range(SECONDS * profile.FPS)),
        )
        runs = [(measured(one_pass, source), measured(two_passes, source)) for _ in range(ROUNDS)]
    medians = [
        [statistics.median(run[way][what] for run in runs) for what in (0, 1)] for way in (0, 1)
    ]
    for name, (wall, processor) in zip(("one pass", "two passes"), medians, strict=True):
        sys.stdout.write(f"{name:<11} wall {wall:6.2f} s  cpu {processor:6.2f} s\n")
    saved = 1 - medians[0][1] / medians[1][1]
    sys.stdout.write(f"one pass saves {saved:.0%} of the processor\n")


if __name__ == "__main__":
    main()
