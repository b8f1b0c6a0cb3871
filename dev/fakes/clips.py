"""Clips, their finisher, their executions and their run times, in memory."""

from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock, RLock
from typing import Final

from dev.fakes.projects import InMemoryBatches, InMemoryProjects
from echoes.application.ports.clips import ClipChange, ExecutionState, FinishedFiles, FreeClip
from echoes.domain.clips.attempts import AttemptRef
from echoes.domain.clips.clip import Clip, ref
from echoes.domain.errors import Conflict, FreeClipUsed, NotFound, ResultUnusable, Unavailable
from echoes.domain.identifiers import AttemptId, ClipId, OwnerId
from echoes.domain.projects.batches import BatchChange


class InMemoryClips:
    """
    The port `Clips`.

    A ledger that stores a change together with a posting holds ``lock``, calls `check`, and then
    `apply`, which cannot fail. *projects* and *batches* change together with clips.
    """

    def __init__(
        self,
        *,
        projects: InMemoryProjects | None = None,
        batches: InMemoryBatches | None = None,
    ) -> None:
        self.lock = RLock()
        self.projects = projects or InMemoryProjects()
        self.batches = batches or InMemoryBatches()
        self._clips: dict[tuple[OwnerId, ClipId], Clip] = {}
        self._free_clips_used: set[OwnerId] = set()

    def get(self, owner_id: OwnerId, clip_id: ClipId) -> Clip:
        """Return the clip. Raises `NotFound` if there is none or it was deleted."""
        with self.lock:
            clip = self._clips.get((owner_id, clip_id))
        if clip is None or clip.deleted_at is not None:
            raise NotFound("clip not found")
        return clip

    def get_many(self, owner_id: OwnerId, clip_ids: Sequence[ClipId]) -> list[Clip]:
        """Return those of the clips that there are, in the order asked for."""
        with self.lock:
            found = [self._clips.get((owner_id, clip_id)) for clip_id in dict.fromkeys(clip_ids)]
        return [clip for clip in found if clip is not None and clip.deleted_at is None]

    def save(self, change: ClipChange) -> None:
        """Store *change*. Raises `Conflict` or `FreeClipUsed`."""
        with self.lock:
            self.check(change)
            self.apply(change)

    def check(self, change: ClipChange | BatchChange) -> None:
        """Raise what stands in the way of *change*, as `save` would."""
        with self.lock:
            if isinstance(change, BatchChange):
                for clip in change.clips:
                    self.check(ClipChange(clip=clip))
                if change.batch is not None:
                    self.batches.check(change.batch)
            if change.project is not None:
                self.projects.check(change.project)
            if isinstance(change, ClipChange):
                self._check_clip(change)

    def _check_clip(self, change: ClipChange) -> None:
        clip = change.clip
        stored = self._clips.get((clip.owner_id, clip.clip_id))
        if (stored.version if stored else 0) != clip.version - 1:
            raise Conflict("another request changed this first")
        if change.free_clip is FreeClip.USE and clip.owner_id in self._free_clips_used:
            raise FreeClipUsed("you have already used your free clip")

    def apply(self, change: ClipChange | BatchChange) -> None:
        """Store *change* without asking."""
        with self.lock:
            if change.project is not None:
                self.projects.apply(change.project)
            if isinstance(change, ClipChange):
                self._apply_clip(change)
                return
            for clip in change.clips:
                self.apply(ClipChange(clip=clip))
            if change.batch is not None:
                self.batches.apply(change.batch)

    def _apply_clip(self, change: ClipChange) -> None:
        clip = change.clip
        with self.lock:
            self._clips[clip.owner_id, clip.clip_id] = clip
            match change.free_clip:
                case FreeClip.USE:
                    self._free_clips_used.add(clip.owner_id)
                case FreeClip.GIVE_BACK:
                    self._free_clips_used.discard(clip.owner_id)
                case None:
                    pass

    def due(self, *, at: datetime, limit: int) -> list[AttemptRef]:
        """Return attempts whose time to be looked at has come, oldest first."""
        with self.lock:
            due = [
                clip
                for clip in self._clips.values()
                if not clip.attempt.ended and clip.attempt.due_at <= at
            ]
        due.sort(key=lambda clip: clip.attempt.due_at)
        return [ref(clip) for clip in due[:limit]]

    def all(self) -> list[Clip]:
        """Return every clip, deleted ones too: for tests that look at the whole."""
        with self.lock:
            return list(self._clips.values())

    def owner_of(self, clip_id: str) -> OwnerId | None:
        """Return whose clip it is, or whose project, if there is one."""
        with self.lock:
            found = next((clip.owner_id for clip in self.all() if clip.clip_id == clip_id), None)
            return found or self.projects.owner_of(clip_id)


VIDEO_MARK = b"video"


class PlainClipFinisher:
    """The port `ClipFinisher`: a video is what begins with ``video``."""

    def finish(self, source: Path, *, directory: Path, clip: Clip) -> FinishedFiles:
        """Write three small files. Raises `ResultUnusable`."""
        content = source.read_bytes()
        if not content.startswith(VIDEO_MARK):
            raise ResultUnusable("this is no video")
        names = ("master.mp4", "preview.mp4", "poster.jpg")
        master, preview, poster = (directory / name for name in names)
        for path in (master, preview, poster):
            path.write_bytes(path.name.encode() + b" of " + content)
        width, height = clip.ratio.size
        return FinishedFiles(
            master=master,
            preview=preview,
            poster=poster,
            width=width,
            height=height,
            duration_seconds=float(clip.duration_seconds),
            frames=clip.duration_seconds * 24,
            sha256=sha256(master.read_bytes()).hexdigest(),
            signature="plain",
        )


class InMemoryGenerationWorkflow:
    """
    The port `GenerationWorkflow`.

    ``started`` holds each attempt once, in the order they began. While ``unavailable`` is set
    every call fails, having done nothing.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._states: dict[AttemptId, ExecutionState] = {}
        self.started: list[AttemptRef] = []
        self.unavailable = False

    def start(self, attempt: AttemptRef) -> None:
        """Begin; a no-op if it was begun before."""
        with self._lock:
            self._require_available()
            if attempt.attempt_id not in self._states:
                self._states[attempt.attempt_id] = ExecutionState.RUNNING
                self.started.append(attempt)

    def state(self, attempt: AttemptRef) -> ExecutionState:
        """Return what became of it."""
        with self._lock:
            self._require_available()
            return self._states.get(attempt.attempt_id, ExecutionState.MISSING)

    def stop(self, attempt: AttemptRef) -> None:
        """End the execution, if it runs."""
        with self._lock:
            self._require_available()
            if attempt.attempt_id in self._states:
                self._states[attempt.attempt_id] = ExecutionState.ENDED

    def end(self, attempt: AttemptRef) -> None:
        """Let the execution come to its own end, well or badly."""
        with self._lock:
            self._states[attempt.attempt_id] = ExecutionState.ENDED

    def _require_available(self) -> None:
        if self.unavailable:
            raise Unavailable("the workflow could not answer")


REMEMBERED: Final = 50


class InMemoryLatencies:
    """The port `Latencies`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._samples: dict[tuple[str, int], deque[float]] = defaultdict(
            lambda: deque(maxlen=REMEMBERED)
        )

    def recent(self, provider: str, duration_seconds: int) -> list[float]:
        """Return the latest run times in seconds."""
        with self._lock:
            return list(self._samples[provider, duration_seconds])

    def record(self, provider: str, duration_seconds: int, seconds: float) -> None:
        """Remember *seconds*."""
        with self._lock:
            self._samples[provider, duration_seconds].append(seconds)
