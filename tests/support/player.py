"""A web page with a film in it, in a real browser; and the films as they were meant, to compare."""

import base64
import io
import re
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from dev.simulators.core.loopback import LoopbackServer

PAGE = Path(__file__).with_name("player.html")
FPS = 24
WIDTH, HEIGHT = 160, 90
"""Pictures are compared at this size."""

Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A stretch of a film, and the clip that it should show."""

    first_frame: int
    frames: int
    clip: Path

    @property
    def middle(self) -> int:
        return self.first_frame + self.frames // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film at *url*, how it was meant, and what another decoder sees in it."""

    url: str
    frames: int
    shots: tuple[Shot, ...]
    pictures: Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The frame on the screen after a seek."""

    frame_seconds: float
    current_seconds: float
    picture: Picture

    def distances(self, others: Picture) -> NDArray[np.float32]:
        """Return how far each of *others* is from the picture, in levels of 255 on average."""
        differences: NDArray[np.float32] = np.abs(others - self.picture).mean(
            axis=(1, 2, 3), dtype=np.float32
        )
        return differences


@dataclass(slots=True, kw_only=True)
class Player:
    """The page. Every wait ends: in the page after seconds, with an error that says for what."""

    page: Page
    url: str

    def show(self, film: Film) -> dict[str, Any]:
        """Open the page anew, and the film in it; return its duration and size."""
        self.page.goto(self.url)
        opened: dict[str, Any] = self.page.evaluate("url => show(url)", film.url)
        return opened

    def seek(self, seconds: float) -> Shown:
        found = self.page.evaluate(
            "([seconds, width, height]) => seek(seconds, width, height)", [seconds, WIDTH, HEIGHT]
        )
        content = base64.b64decode(found["picture"].partition(",")[2])
        with Image.open(io.BytesIO(content)) as image:
            picture = np.asarray(image.convert("RGB"), dtype=np.float32)
        return Shown(
            frame_seconds=found["frame_seconds"],
            current_seconds=found["current_seconds"],
            picture=picture,
        )

    def play(self, seconds: float, *, begin: float = 0.0) -> dict[str, Any]:
        played: dict[str, Any] = self.page.evaluate(
            "([begin, seconds]) => play(begin, seconds)", [begin, seconds]
        )
        return played

    def listen(self, film: Film) -> dict[str, Any]:
        heard: dict[str, Any] = self.page.evaluate("url => listen(url)", film.url)
        return heard


def pictures_of(file: Path) -> Picture:
    """Return every frame of a video as PyAV decodes it, scaled down."""
    with av.open(str(file), "r") as container:
        container.streams.video[0].thread_type = "AUTO"
        frames = [
            frame.reformat(
                width=WIDTH, height=HEIGHT, format="rgb24", interpolation="AREA"
            ).to_ndarray()
            for frame in container.decode(video=0)
        ]
    return np.stack(frames).astype(np.float32)


def frame_at(seconds: float) -> Fraction:
    """Return which frame has its time at *seconds*; a whole number, but for the clock's grain."""
    return Fraction(seconds).limit_denominator(90_000) * FPS


@dataclass(slots=True)
class Library:
    """Serves the page, and files put on it, from loopback; a browser seeks in them by Range."""

    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    server: LoopbackServer = field(init=False)

    def __post_init__(self) -> None:
        self.files["/player.html"] = ("text/html; charset=utf-8", PAGE.read_bytes())
        files = self.files

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                kind, content = files.get(self.path, ("", b""))
                wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
                if not kind:
                    self.send_response(404)
                elif wanted:
                    first = int(wanted[1])
                    last = min(int(wanted[2] or len(content)), len(content) - 1)
                    self.send_response(206)
                    self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
                    content = content[first : last + 1]
                else:
                    self.send_response(200)
                self.send_header("Accept-Ranges", "bytes")
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = LoopbackServer(Handler)

    def put(self, file: Path) -> str:
        """Return the address at which *file* is served from now on."""
        path = f"/{len(self.files)}/{file.name}"
        self.files[path] = ("video/mp4", file.read_bytes())
        return self.server.url + path
