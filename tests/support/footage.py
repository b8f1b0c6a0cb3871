"""Small masters, tracks and films, made on the spot, and what a player hears and sees of them."""

import hashlib
import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from echoes.adapters.video.assembly.render import (
    AssembledFilm,
    FilmAssembler,
)
from echoes.adapters.video.assembly.signature import film_signature
from echoes.adapters.video.assembly.streams import FileSink, FileSource, Source
from echoes.adapters.video.planes import Planes, to_frame
from echoes.adapters.video.profile import master_options
from echoes.adapters.video.writer import master_writer
from echoes.domain.assembly.planning import plan_film
from echoes.domain.assembly.render_plan import FilmSpec, Footage, Master, RenderPlan, Track
from echoes.domain.assembly.transitions import Transition
from tests.support.masters import DirectorySegments, master_of

WIDTH, HEIGHT = 192, 108
RATE = 48_000
PERIOD = 1024 * 140  # three seconds
Samples = NDArray[np.float64]


def picture(seed: int, index: int) -> Image.Image:
    """Paint a square that moves on a plain ground: a wrong frame is a visible frame."""
    image = Image.new("RGB", (WIDTH, HEIGHT), ((seed * 67) % 200 + 20, (seed * 31) % 180, 90))
    draw = ImageDraw.Draw(image)
    left = (seed * 13 + index * 3) % WIDTH
    draw.rectangle((left, 20, left + 30, 80), fill="white")
    draw.line((0, index % HEIGHT, WIDTH, HEIGHT - index % HEIGHT), fill="black", width=3)
    return image


def master(path: Path, *, seed: int, frames: int = 48, crf: int = 20) -> Path:
    """Write a finished clip of ours."""
    with master_writer(path, width=WIDTH, height=HEIGHT, frames=frames, crf=crf) as writer:
        for index in range(frames):
            frame = av.VideoFrame.from_image(picture(seed, index))
            writer.write(frame.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1))
    return path


def melody(samples: int = PERIOD) -> Samples:
    """Stereo that flows from its end into its beginning: every tone has whole waves in it."""
    time = np.arange(samples) / samples
    waves = sum(
        np.sin(2 * np.pi * round(tone * samples / RATE) * time + tone) / (place + 2)
        for place, tone in enumerate((220.0, 331.0, 443.0, 997.0, 2711.0))
    )
    swell = 0.7 + 0.3 * np.cos(2 * np.pi * 6 * time)
    left = 0.2 * waves * swell
    return np.stack([left, np.roll(left, 777)])


def write_wave(path: Path, sound: Samples, *, rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(sound))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound.T * 32767).astype("<i2").tobytes())
    return path


def pictures_of(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def prints(frames: Sequence[av.VideoFrame]) -> list[str]:
    """One hash a frame, as FFmpeg's framemd5 has it."""
    return [
        hashlib.md5(frame.to_ndarray().tobytes(), usedforsecurity=False).hexdigest()
        for frame in frames
    ]


def sound_of(path: Path) -> Samples:
    with av.open(str(path)) as container:
        blocks = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(blocks, axis=1).astype(np.float64)


def noise_db(on_progress: Samples, expected: Samples) -> float:
    """Signal to noise, in dB."""
    wrong = ((on_progress - expected) ** 2).sum()
    return float(10 * np.log10((expected**2).sum() / max(wrong, 1e-12)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """A room with masters, music and a place for segments."""

    directory: Path
    files: dict[str, Path]
    masters: tuple[Master, ...]
    track: Track | None = None

    def plan(
        self,
        items: Sequence[Footage] | None = None,
        *,
        transition: Transition = Transition.CUT,
        music: bool = True,
        fade_out_seconds: float = 1.0,
    ) -> RenderPlan:
        chosen = self.masters if items is None else items
        kinds = (transition,) * (len(chosen) - 1)
        made = spec(self, chosen, kinds, music=music)
        return plan_film(replace(made, fade_out_seconds=fade_out_seconds))

    def sources(self) -> dict[str, Source]:
        return {handle: FileSource(path) for handle, path in self.files.items()}

    def assemble(self, plan: RenderPlan, name: str = "film.mp4") -> tuple[Path, AssembledFilm]:
        segments = self.directory / "segments"
        segments.mkdir(exist_ok=True)
        assembler = FilmAssembler(self.sources(), DirectorySegments(segments), workers=2)
        target = self.directory / name
        sink = FileSink(target)
        try:
            return target, assembler.assemble(plan, sink)
        finally:
            sink.close()


def spec(
    room: Cutting,
    items: Sequence[Footage],
    transitions: tuple[Transition, ...],
    *,
    music: bool = True,
) -> FilmSpec:
    return FilmSpec(
        width=WIDTH,
        height=HEIGHT,
        signature=film_signature(WIDTH, HEIGHT),
        footage=tuple(items),
        transitions=transitions,
        track=room.track if music else None,
    )


def cutting(directory: Path, masters: Sequence[Path], music: Path | None = None) -> Cutting:
    files = {path.stem: path for path in masters}
    track = None
    if music is not None:
        files["music"] = music
        digest = hashlib.sha256(music.read_bytes()).hexdigest()
        track = Track(handle="music", sha256=digest)
    return Cutting(
        directory=directory,
        files=files,
        masters=tuple(master_of(path, handle=path.stem) for path in masters),
        track=track,
    )


def encoded_whole(pictures: Sequence[Image.Image]) -> list[av.VideoFrame]:
    """Encode grey pictures (studio range) at once, as finely as clips are, and decode them."""
    file = io.BytesIO()
    options = master_options(WIDTH, HEIGHT)
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        chroma = Image.new("L", (WIDTH // 2, HEIGHT // 2), 128)
        for index, picture in enumerate(pictures):
            frame = to_frame(Planes(y=picture, u=chroma, v=chroma))
            frame.pts, frame.time_base = index, Fraction(1, 24)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as container:
        return list(container.decode(video=0))
