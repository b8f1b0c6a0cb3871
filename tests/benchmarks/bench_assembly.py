"""
Measure film assembly against its peers: `python tests/benchmarks/bench_assembly.py [--quick]`.

20 clips of 5 s, at 720p and at 1080p, with music and a fade-out; the same inputs for all. Every
program runs in a process of its own. Wall times depend on who else is on the machine: trust the
processor seconds and the ratios. The process start (the interpreter and all imports) is measured
too; it is taken off ours and off `cp`'s for the ratio to `cp` alone.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

import av
import numpy as np
from PIL import Image

from echoes.adapters.video import planes, profile
from echoes.adapters.video.writer import master_writer
from echoes.domain.assembly.render_plan import JOINT_FRAMES
from tests.support.film_peers import SECONDS, Inputs, ffmpeg_copy, ffmpeg_encode, moviepy
from tests.support.masters import master_of

PROJECT: Final = Path(__file__).parents[2]
ROOM: Final = PROJECT / ".local/bench"
MUSIC: Final = PROJECT / "assets/music/first-light.m4a"
DISTINCT: Final = 5
"""
Clips that are encoded; the others are copies of them.

No program is told: ours, which knows clips by their hash, gets another one for each.
"""

GRAIN: Final = 0.045
SIZES: Final = {"720p": (1280, 720), "1080p": (1920, 1080)}

OURS: Final = """
import json, sys, tempfile
from pathlib import Path
from echoes.adapters.video.assembly.render import FilmAssembler
from echoes.adapters.video.assembly.streams import FileSink, FileSource
from echoes.domain.assembly.planning import plan_film
from echoes.domain.assembly.render_plan import FilmSpec, Master, Track, Transition
from tests.support.masters import DirectorySegments
kind, target, facts, kept = sys.argv[1:]
if kind == "start":
    sys.exit()
known = json.loads(Path(facts).read_text())
masters, music = tuple(Master(**each) for each in known["masters"]), known["music"]
first = masters[0]
plan = plan_film(FilmSpec(
    width=first.width, height=first.height, signature=first.signature, footage=masters,
    transitions=(Transition(kind),) * (len(masters) - 1), track=Track(handle=music, sha256="m"),
    fade_out_seconds=3.0))
sources = {path: FileSource(Path(path)) for path in (*(each.handle for each in masters), music)}
with tempfile.TemporaryDirectory(dir=Path(target).parent) as scratch:
    sink = FileSink(Path(target))
    made = FilmAssembler(sources, DirectorySegments(Path(kept or scratch))).assemble(plan, sink)
    sink.close()
rendered = {"segments": len(made.rendered.encoded), "frames": made.rendered.encoded_frames}
Path(facts).with_suffix(".out").write_text(json.dumps(rendered))
"""

# A process begins with its parent's peak memory: the parent must be small.
RUNNER: Final = """
import resource, subprocess, sys, time
begun = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
wall = time.perf_counter() - begun
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
sys.exit(code)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one process took; memory is the largest of it and its children."""

    wall: float
    processor: float
    megabytes: float


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Make the inputs where they are missing, run everything, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="6 clips at 720p, once")
    parser.add_argument("--sizes", default="720p,1080p")
    parser.add_argument(
        "--rounds", type=int, default=5, help="of what takes under a second; the best counts"
    )
    options = parser.parse_args()
    count = 6 if options.quick else 20
    names = ["720p"] if options.quick else options.sizes.split(",")
    for name in names:
        compare(name, inputs(*SIZES[name], count), options.rounds)
    memory(inputs(*SIZES[names[-1]], count))


def compare(name: str, given: Inputs, rounds: int) -> None:
    """Run all programs on one set of inputs and print what they took."""
    say(f"\n{name}: {len(given.clips)} clips of {SECONDS} s, {megabytes(given):.0f} MB")
    target = ROOM / "film.mp4"
    fast = {
        "ours, hard cuts": lambda: ours("cut", given, target),
        "ours, start only": lambda: ours("start", given, target),
        "cp": lambda: run(["cp", "--reflink=never", str(ROOM / "joined.bin"), str(target)]),
        "cp, start only": lambda: run(["cp", "--version"]),
    }
    whole(given, target)
    quick = interleaved(fast, rounds)
    for what, one in quick.items():
        row(what, one)
    start = {"ours": quick["ours, start only"], "cp": quick["cp, start only"]}
    runs = dict(quick)
    own, rival = ROOM / "ours.mp4", ROOM / "xfade.mp4"
    slow: tuple[tuple[str, Callable[[], Run]], ...] = (
        ("ours, cross-fades", lambda: ours("cross_fade", given, target)),
        ("ffmpeg concat copy + AAC", lambda: run(ffmpeg_copy(given, target, room=ROOM))),
        ("ffmpeg re-encode", lambda: run(ffmpeg_encode(given, target, fade=False))),
        ("ffmpeg xfade re-encode", lambda: run(ffmpeg_encode(given, target, fade=True))),
        ("moviepy, hard cuts", lambda: run(moviepy("cut", given, target))),
        ("moviepy, cross-fades", lambda: run(moviepy("cross_fade", given, target))),
    )
    kept = {"ours, cross-fades": own, "ffmpeg xfade re-encode": rival}
    for what, program in slow:
        runs[what] = program()
        row(what, runs[what])
        if what in kept:
            target.replace(kept[what])
    report_ratios(runs, start)
    report_change(given, target, start["ours"])
    report_joints("ours", own, given, [place / 13 for place in range(1, 13)])
    report_joints("ffmpeg xfade", rival, given, [place / 12 for place in range(12)])


def row(what: str, one: Run) -> None:
    """Print what one program took."""
    say(
        f"  {what:<26} wall {one.wall:8.3f} s  cpu {one.processor:8.3f} s"
        f"  peak {one.megabytes:6.0f} MB"
    )


def report_ratios(runs: dict[str, Run], start: dict[str, Run]) -> None:
    """Print the issue's ratios beside their targets."""
    cut, fade, copied = runs["ours, hard cuts"], runs["ours, cross-fades"], runs["cp"]
    bare = (cut.wall - start["ours"].wall) / max(copied.wall - start["cp"].wall, 1e-6)
    spent = (cut.processor - start["ours"].processor) / max(
        copied.processor - start["cp"].processor, 1e-6
    )
    ratios = (
        ("moviepy / hard cuts", runs["moviepy, hard cuts"].wall / cut.wall, ">= 150"),
        ("ffmpeg re-encode / hard cuts", runs["ffmpeg re-encode"].wall / cut.wall, ""),
        ("ffmpeg copy / hard cuts", runs["ffmpeg concat copy + AAC"].wall / cut.wall, ""),
        ("hard cuts / cp", cut.wall / copied.wall, ""),
        ("hard cuts / cp, starts off", bare, "<= 3"),
        ("the same, processor", spent, "<= 3"),
        ("moviepy / cross-fades", runs["moviepy, cross-fades"].wall / fade.wall, ">= 6"),
        ("ffmpeg xfade / cross-fades", runs["ffmpeg xfade re-encode"].wall / fade.wall, ">= 6"),
        ("peak MB, hard cuts", cut.megabytes, "<= 150"),
    )
    for what, value, target in ratios:
        say(f"  {what:<30} {value:8.1f}  {target}")


def memory(given: Inputs) -> None:
    """Show that memory does not grow with the number of clips."""
    for count in (5, 50):
        clips = (given.clips * 50)[:count]
        more = Inputs(clips=clips, music=given.music, width=given.width, height=given.height)
        one = ours("cut", more, ROOM / "film.mp4")
        say(f"  ours, {count:2} clips: wall {one.wall:.3f} s, peak {one.megabytes:.0f} MB")


def report_change(given: Inputs, target: Path, start: Run) -> None:
    """Print what a second assembly takes after one inner clip was replaced."""
    kept = ROOM / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    first = ours("cross_fade", given, target, kept=kept)
    made = rendered()
    middle = len(given.clips) // 2
    another = given.clips[middle].with_name("another.mp4")
    shutil.copyfile(given.clips[(middle + 2) % DISTINCT], another)
    clips = [*given.clips[:middle], another, *given.clips[middle + 1 :]]
    second = ours("cross_fade", replace(given, clips=clips), target, kept=kept)
    again = rendered()
    shutil.rmtree(kept)
    row("cross-fades, first time", first)
    row("cross-fades, one changed", second)
    ratios = (
        ("segments", again["segments"], made["segments"]),
        ("frames encoded", again["frames"], made["frames"]),
        ("wall", second.wall, first.wall),
        ("wall, starts off", second.wall - start.wall, first.wall - start.wall),
        ("processor", second.processor, first.processor),
        (
            "processor, starts off",
            second.processor - start.processor,
            first.processor - start.processor,
        ),
    )
    for what, value, whole in ratios:
        target_share = "  <= 10 %" if what in {"segments", "frames encoded"} else ""
        say(f"  {what:<26} {value:8.2f} of {whole:8.2f} {value / whole:8.1%}{target_share}")


def rendered() -> dict[str, int]:
    """Answer what our last assembly encoded."""
    found: dict[str, int] = json.loads((ROOM / "facts.out").read_text())
    return found


def report_joints(what: str, film: Path, given: Inputs, shares: list[float]) -> None:
    """
    Print how near a film's cross-fades are to the blend of its clips (SSIM), all of them.

    The frame before a joint and the one after it are compared with the clips: no step is seen
    where they are as near as, or nearer than, those of a film that was encoded whole.
    """
    inside: list[float] = []
    beside: list[float] = []
    frames = enumerate(pictures(film))
    for number, (ends, starts) in enumerate(edges(given), start=1):
        begin = number * (SECONDS * profile.FPS - JOINT_FRAMES)
        blends = [
            Image.blend(old, new, share)
            for old, new, share in zip(ends[1:], starts[:-1], shares, strict=True)
        ]
        wanted = [ends[0], *blends, starts[-1]]
        for place, seen in frames:
            step = place - begin + 1
            if step >= 0:
                near = beside if step in {0, len(wanted) - 1} else inside
                near.append(similarity(wanted[step], seen))
            if step == len(wanted) - 1:
                break
    say(
        f"  SSIM, {what:<14} {len(inside) // JOINT_FRAMES:2} joints"
        f" {min(inside):.4f} … {max(inside):.4f}, mean {float(np.mean(inside)):.4f};"
        f" frames beside them {min(beside):.4f} … {max(beside):.4f}"
    )


def edges(given: Inputs) -> Iterator[tuple[list[Image.Image], list[Image.Image]]]:
    """Yield the last 13 pictures of each clip with the first 13 of the next."""
    for before, after in pairwise(given.clips):
        ends = deque(pictures(before), maxlen=JOINT_FRAMES + 1)
        starts = list(islice(pictures(after), JOINT_FRAMES + 1))
        yield list(ends), starts


def pictures(path: Path) -> Iterator[Image.Image]:
    """Yield the grey pictures of a film."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield planes.from_frame(frame).y


def similarity(one: Image.Image, other: Image.Image) -> float:
    """Answer the structural similarity of two grey pictures, over blocks of 8 x 8."""
    height, width = one.height // 8 * 8, one.width // 8 * 8
    a, b = (
        np.asarray(picture, dtype=np.float64)[:height, :width]
        .reshape(height // 8, 8, width // 8, 8)
        .transpose(0, 2, 1, 3)
        .reshape(-1, 64)
        for picture in (one, other)
    )
    p, q = a.mean(1), b.mean(1)
    shared = (a * b).mean(1) - p * q
    first, second = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * p * q + first) * (2 * shared + second)
    return float((top / ((p * p + q * q + first) * (a.var(1) + b.var(1) + second))).mean())


def interleaved(programs: dict[str, Callable[[], Run]], rounds: int) -> dict[str, Run]:
    """Run the programs in turns and answer the quickest run of each."""
    runs: dict[str, list[Run]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            runs[name].append(program())
    return {
        name: Run(
            wall=min(one.wall for one in done),
            processor=min(one.processor for one in done),
            megabytes=max(one.megabytes for one in done),
        )
        for name, done in runs.items()
    }


def run(command: list[str]) -> Run:
    """Run a program to its end, started and measured by a process of little memory."""
    (ROOM / "film.mp4").unlink(missing_ok=True)
    environment = os.environ | {"PYTHONPATH": f"{PROJECT / 'layers/core/python'}:{PROJECT}"}
    done = subprocess.run(
        [sys.executable, "-S", "-c", RUNNER, *command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stderr[-2000:]}")
    wall, processor, kilobytes = map(float, done.stdout.split()[-3:])
    return Run(wall=wall, processor=processor, megabytes=kilobytes / 1024)


def ours(kind: str, given: Inputs, target: Path, *, kept: Path | None = None) -> Run:
    """Assemble with our code; joints are kept nowhere, or in *kept*."""
    facts = ROOM / "facts.json"
    known = {path: asdict(master_of(path, handle=str(path))) for path in given.clips}
    for path, master in known.items():
        master["sha256"] = hashlib.sha256(str(path).encode()).hexdigest()
    listed = [known[path] for path in given.clips]
    facts.write_text(json.dumps({"masters": listed, "music": str(given.music)}))
    program = [sys.executable, "-c", OURS, kind, str(target), str(facts), str(kept or "")]
    return run(program)


def inputs(width: int, height: int, count: int) -> Inputs:
    """Return clips and music, made once."""
    directory = ROOM / f"{width}x{height}"
    directory.mkdir(parents=True, exist_ok=True)
    clips = [directory / f"clip{place:02}.mp4" for place in range(count)]
    for place, path in enumerate(clips):
        if path.exists():
            continue
        if place < DISTINCT:
            scratch = path.with_suffix(".part")
            write_clip(scratch, place, width, height)
            scratch.replace(path)
        else:
            shutil.copyfile(clips[place % DISTINCT], path)
    return Inputs(clips=clips, music=MUSIC, width=width, height=height)


def write_clip(path: Path, seed: int, width: int, height: int) -> None:
    """Move over a photo with film grain: 5 to 8 Mbit/s, more than clips of ours mostly have."""
    photos = sorted((PROJECT / "samples").glob("*.jpg"))
    photo = Image.open(photos[seed % len(photos)]).convert("RGB")
    large = photo.resize((width * 5 // 4, height * 5 // 4), Image.Resampling.BICUBIC)
    grain = [Image.effect_noise((width, height), 50) for _ in range(7)]
    frames = SECONDS * profile.FPS
    with master_writer(path, width=width, height=height, frames=frames) as writer:
        for index in range(frames):
            share = index / frames
            left, top = width / 4 * share, height / 4 * abs(0.5 - share)
            seen = large.resize(
                (width, height), Image.Resampling.BILINEAR, (left, top, left + width, top + height)
            )
            frame = planes.from_rgb(seen)
            frame.y.paste(Image.blend(frame.y, grain[(index + seed) % 7], GRAIN))
            writer.write(planes.to_frame(frame))


def whole(given: Inputs, target: Path) -> None:
    """Keep the bytes of our film, for `cp` to copy."""
    ours("cut", given, target)
    target.replace(ROOM / "joined.bin")


def megabytes(given: Inputs) -> float:
    """Return how much there is to join."""
    return sum(path.stat().st_size for path in given.clips) / 1e6


if __name__ == "__main__":
    main()
