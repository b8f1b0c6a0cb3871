"""The commands by which other programs join the clips that `bench_assembly` joins."""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

PEERS: Final = Path(__file__).parents[2] / ".venv-bench/bin/python"
SECONDS: Final = 5
FADE_SECONDS: Final = 3

MOVIEPY: Final = """
import sys
from moviepy import AudioFileClip, VideoFileClip, afx, concatenate_videoclips, vfx
kind, target, music, *clips = sys.argv[1:]
loaded = [VideoFileClip(path) for path in clips]
if kind == "cut":
    film = concatenate_videoclips(loaded)
else:
    faded = [loaded[0], *(clip.with_effects([vfx.CrossFadeIn(0.5)]) for clip in loaded[1:])]
    film = concatenate_videoclips(faded, padding=-0.5, method="compose")
sound = AudioFileClip(music).with_effects(
    [afx.AudioLoop(duration=film.duration), afx.AudioFadeOut(3)])
film.with_audio(sound).write_videofile(
    target, fps=24, codec="libx264", audio_codec="aac", preset="veryfast", logger=None,
    ffmpeg_params=["-crf", "20", "-movflags", "+faststart"])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What every program joins."""

    clips: list[Path]
    music: Path
    width: int
    height: int

    @property
    def seconds(self) -> int:
        """The length of a film of hard cuts."""
        return len(self.clips) * SECONDS


def moviepy(kind: str, given: Inputs, target: Path) -> list[str]:
    """Assemble with moviepy, as its documentation does it."""
    clips = map(str, given.clips)
    return [str(PEERS), "-c", MOVIEPY, kind, str(target), str(given.music), *clips]


def ffmpeg_copy(given: Inputs, target: Path, *, room: Path) -> list[str]:
    """Join with ffmpeg's concat demuxer, pictures copied and music encoded."""
    listed = room / "list.txt"
    listed.write_text("".join(f"file '{path}'\n" for path in given.clips))
    pictures = ["-f", "concat", "-safe", "0", "-i", str(listed)]
    seconds = given.seconds
    return [
        *ffmpeg(),
        *pictures,
        *music(given),
        *encoded_sound(seconds, "1:a"),
        "-map",
        "0:v",
        "-c:v",
        "copy",
        *finished(seconds, target),
    ]


def ffmpeg_encode(given: Inputs, target: Path, *, fade: bool) -> list[str]:
    """Join with ffmpeg's concat or xfade filter; everything is encoded again."""
    count = len(given.clips)
    if fade:
        chain, last = [], "0:v"
        for place in range(1, count):
            at = place * (SECONDS - 0.5)
            chain.append(f"[{last}][{place}:v]xfade=duration=0.5:offset={at}[x{place}]")
            last = f"x{place}"
        graph, seconds = ";".join(chain), count * SECONDS - 0.5 * (count - 1)
    else:
        last, seconds = "v", float(count * SECONDS)
        graph = "".join(f"[{place}:v]" for place in range(count)) + f"concat=n={count}[v]"
    clips = [part for path in given.clips for part in ("-i", str(path))]
    return [
        *ffmpeg(),
        *clips,
        *music(given),
        "-filter_complex",
        graph,
        "-map",
        f"[{last}]",
        *encoded_sound(seconds, f"{count}:a"),
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "20",
        *finished(seconds, target),
    ]


def ffmpeg() -> list[str]:
    """Begin a command of the newest ffmpeg there is."""
    return [program(), "-y", "-nostdin", "-v", "error"]


@cache
def program() -> str:
    """Return the path of the newest ffmpeg."""
    code = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"
    return subprocess.check_output([str(PEERS), "-c", code], text=True).strip()


def music(given: Inputs) -> list[str]:
    """Repeat the music for ever."""
    return ["-stream_loop", "-1", "-i", str(given.music)]


def encoded_sound(seconds: float, stream: str) -> list[str]:
    """Fade the music out and encode it."""
    fade = f"afade=t=out:st={seconds - FADE_SECONDS}:d={FADE_SECONDS}"
    return ["-map", stream, "-af", fade, "-c:a", "aac", "-b:a", "128k"]


def finished(seconds: float, target: Path) -> list[str]:
    """End a command."""
    return ["-t", str(seconds), "-movflags", "+faststart", str(target)]
