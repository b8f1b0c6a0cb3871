"""Verifies a finished film as a strict player would, before anybody can see it."""

import io
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, cast

import av
from av.container import InputContainer
from av.filter import Graph

from echoes.adapters.video.assembly.splice import SAMPLE_RATE
from echoes.adapters.video.assembly.streams import Source, SourceFile
from echoes.adapters.video.assembly.tables import AUDIO, FootageUnusable, Table, read_table
from echoes.adapters.video.boxes import MAX_BOXES, BoxesBroken
from echoes.domain.assembly.render_plan import FPS, RenderPlan

MAX_OFFSET_SECONDS: Final = 0.020
"""Between the beginnings, and between the ends, of picture and sound."""

READ_BYTES: Final = 1024 * 1024


class Fault(StrEnum):
    """What can be wrong with a film."""

    UNREADABLE = "unreadable"
    INDEX_BEHIND_MEDIA = "index_behind_media"
    WRONG_SIZE = "wrong_size"
    WRONG_FRAME_COUNT = "wrong_frame_count"
    UNEVEN_TIMES = "uneven_times"
    UNDECODABLE = "undecodable"
    NO_SOUND = "no_sound"
    UNWANTED_SOUND = "unwanted_sound"
    SOUND_OFF_AT_START = "sound_off_at_start"
    SOUND_OFF_AT_END = "sound_off_at_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault, and the numbers behind it."""

    fault: Fault
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmReport:
    """
    What was seen. A film is sound if there are no *findings*.

    Offsets are the sound's against the picture's, in seconds; *lufs* is the integrated loudness;
    all three are None for a silent film. *frames* are those that were decoded.
    """

    findings: tuple[Finding, ...]
    frames: int
    duration_seconds: float
    start_offset_seconds: float | None = None
    end_offset_seconds: float | None = None
    lufs: float | None = None


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What decoding showed."""

    findings: list[Finding]
    frames: int = 0
    first: Fraction | None = None
    last: Fraction | None = None
    sound_first: Fraction | None = None
    sound_end: Fraction | None = None
    lufs: float | None = None

    def add(self, fault: Fault, detail: str) -> None:
        self.findings.append(Finding(fault=fault, detail=detail))


def verify_film(source: Source, plan: RenderPlan) -> FilmReport:
    """
    Decode the whole film and compare it with its plan.

    Costs what playing it at full speed costs, in little memory. Never raises for a bad film: that
    is a report with findings.
    """
    seen = _Seen(findings=[])
    try:
        _check_index(source, plan, seen)
        _decode(source, plan, seen)
    except (FootageUnusable, BoxesBroken) as error:
        seen.add(Fault.UNREADABLE, str(error))
    except (av.FFmpegError, ValueError) as error:
        seen.add(Fault.UNDECODABLE, str(error))
    if seen.frames != plan.frames:
        seen.add(Fault.WRONG_FRAME_COUNT, f"{seen.frames} decoded, {plan.frames} planned")
    end = seen.last + Fraction(1, FPS) if seen.last is not None else Fraction(0)
    start_offset, end_offset = _offsets(seen, plan, end)
    return FilmReport(
        findings=tuple(seen.findings),
        frames=seen.frames,
        duration_seconds=float(end),
        start_offset_seconds=start_offset,
        end_offset_seconds=end_offset,
        lufs=seen.lufs,
    )


def _check_index(source: Source, plan: RenderPlan, seen: _Seen) -> None:
    kinds = list(_kinds(source))
    if not {b"moov", b"mdat"} <= set(kinds):
        raise BoxesBroken("no index, or no media")
    if kinds.index(b"moov") > kinds.index(b"mdat"):
        seen.add(Fault.INDEX_BEHIND_MEDIA, "a player has to read to the end first")
    pictures = read_table(source)
    if pictures.samples != plan.frames:
        seen.add(Fault.WRONG_FRAME_COUNT, f"{pictures.samples} in the index, {plan.frames} planned")
    shown = sorted(_presentation_times(pictures))
    step = pictures.timescale // FPS
    if min(pictures.durations) < 1 or shown != list(range(0, step * len(shown), step)):
        seen.add(Fault.UNEVEN_TIMES, "the index does not show a frame each 24th of a second")
    try:
        sound = read_table(source, AUDIO)
    except FootageUnusable as error:
        if error.reason != "no_sound":
            raise
        if plan.sound is not None:
            seen.add(Fault.NO_SOUND, "the plan has music")
        return
    if plan.sound is None:
        seen.add(Fault.UNWANTED_SOUND, "the plan has no music")
    elif min(sound.durations) < 1:
        seen.add(Fault.UNEVEN_TIMES, "packets of sound without a length")


def _kinds(source: Source) -> Iterator[bytes]:
    """Yield the kinds of the outermost boxes, which must tile the file."""
    at = 0
    for _ in range(MAX_BOXES):
        if at >= source.size:
            break
        header = source.read(at, 16)
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        length = length or source.size - at
        if length < 8 or at + length > source.size:  # noqa: PLR2004  # a box's own header
            raise BoxesBroken(f"a box at byte {at} ends outside the file")
        yield header[4:8]
        at += length


def _presentation_times(table: Table) -> Iterator[int]:
    at = -table.start
    for ticks, shift in zip(table.durations, table.shifts or (0,) * table.samples, strict=True):
        yield at + shift
        at += ticks


def _decode(source: Source, plan: RenderPlan, seen: _Seen) -> None:
    file = io.BufferedReader(SourceFile(source), READ_BYTES)
    with av.open(file, "r", format="mp4") as container:
        for stream in (*container.streams.video, *container.streams.audio):
            stream.codec_context.options = {"err_detect": "explode"}
        for picture in container.streams.video:
            picture.codec_context.thread_count = os.cpu_count() or 1
            picture.thread_type = "AUTO"
        meter = _meter() if container.streams.audio else None
        for frame in _frames(container):
            if isinstance(frame, av.VideoFrame):
                _look(frame, plan, seen)
            elif isinstance(frame, av.AudioFrame) and meter is not None:
                _listen(frame, meter, seen)


def _frames(container: InputContainer) -> Iterator[av.VideoFrame | av.AudioFrame]:
    for packet in container.demux():
        for frame in packet.decode():
            yield cast("av.VideoFrame | av.AudioFrame", frame)


def _look(frame: av.VideoFrame, plan: RenderPlan, seen: _Seen) -> None:
    at = _time(frame)
    if frame.is_corrupt and not _has(seen, Fault.UNDECODABLE):
        seen.add(Fault.UNDECODABLE, f"frame {seen.frames} is damaged")
    size = (frame.width, frame.height)
    if size != (plan.width, plan.height) and not _has(seen, Fault.WRONG_SIZE):
        seen.add(Fault.WRONG_SIZE, f"{size[0]}x{size[1]} at frame {seen.frames}")
    if at != Fraction(seen.frames, FPS) and not _has(seen, Fault.UNEVEN_TIMES):
        seen.add(Fault.UNEVEN_TIMES, f"frame {seen.frames} is shown at {float(at):.4f} s")
    seen.first = at if seen.first is None else seen.first
    seen.last = at
    seen.frames += 1


def _listen(frame: av.AudioFrame, meter: Graph, seen: _Seen) -> None:
    at = _time(frame)
    if seen.sound_end is not None and at != seen.sound_end and not _has(seen, Fault.UNEVEN_TIMES):
        seen.add(Fault.UNEVEN_TIMES, f"sound jumps from {float(seen.sound_end)} to {float(at)}")
    seen.sound_first = at if seen.sound_first is None else seen.sound_first
    seen.sound_end = at + Fraction(frame.samples, frame.sample_rate)
    meter.push(frame)
    with suppress(BlockingIOError):  # it speaks every tenth of a second
        while True:
            measured = meter.pull()
            loudness = measured.metadata.get("lavfi.r128.I")
            seen.lufs = float(loudness) if loudness is not None else seen.lufs


def _meter() -> Graph:
    graph = Graph()
    graph.link_nodes(
        graph.add_abuffer(
            sample_rate=SAMPLE_RATE,
            format="fltp",
            layout="stereo",
            time_base=Fraction(1, SAMPLE_RATE),
        ),
        graph.add("ebur128", "metadata=1:framelog=quiet"),
        graph.add("abuffersink"),
    ).configure()
    return graph


def _offsets(seen: _Seen, plan: RenderPlan, end: Fraction) -> tuple[float | None, float | None]:
    if plan.sound is None:
        return None, None
    if seen.sound_first is None or seen.sound_end is None or seen.first is None:
        if not _has(seen, Fault.NO_SOUND):
            seen.add(Fault.NO_SOUND, "nothing was decoded")
        return None, None
    start = float(seen.sound_first - seen.first)
    # A packet is heard to its last sample by some players: count the whole of it.
    finish = float(seen.sound_end - end)
    if abs(start) > MAX_OFFSET_SECONDS:
        seen.add(Fault.SOUND_OFF_AT_START, f"{start:+.3f} s")
    if abs(finish) > MAX_OFFSET_SECONDS:
        seen.add(Fault.SOUND_OFF_AT_END, f"{finish:+.3f} s")
    return start, finish


def _time(frame: av.VideoFrame | av.AudioFrame) -> Fraction:
    if frame.pts is None or frame.time_base is None:
        raise ValueError("a frame without a time")
    return frame.pts * Fraction(frame.time_base.numerator, frame.time_base.denominator)


def _has(seen: _Seen, fault: Fault) -> bool:
    return any(finding.fault is fault for finding in seen.findings)
