"""The built-in provider behind the port `VideoProvider`."""

import json
from pathlib import Path
from typing import Final, Protocol

from echoes.application.ports.media import MediaStore
from echoes.application.ports.providers import (
    Cancelling,
    Capabilities,
    GenerationOrder,
    JobState,
    JobStatus,
)
from echoes.domain.clips.clip import DURATIONS
from echoes.domain.clips.ratios import Ratio
from echoes.domain.errors import NotFound, ResultGone, ResultUnusable
from echoes.domain.identifiers import ProviderTaskId

MAX_ORDER_BYTES: Final = 4096
MAX_FITTED_BYTES: Final = 4_000_000
"""A fitted photo stays below 3.5 MB."""


class Render(Protocol):
    """Makes an mp4 of a photo; the same arguments make the same clip."""

    def __call__(
        self,
        photo: bytes,
        *,
        width: int,
        height: int,
        duration_seconds: int,
        motion: str,
        seed: int,
    ) -> bytes:
        """Return the clip."""
        ...


class StillMotionProvider:
    """
    Moves a camera over the photo, in the function that finishes the clip.

    A task is the order itself, kept at ``jobs/<attempt>/`` in the clips bucket; it is finished as
    soon as it is stored. The attempt's id is the task's id, so submitting it again changes nothing.
    """

    def __init__(
        self,
        store: MediaStore,
        render: Render | None = None,
        *,
        unusable: type[Exception] | tuple[type[Exception], ...] = (),
    ) -> None:
        self._store = store
        self._render = render
        """``None`` without the media library: orders can be accepted and polled."""

        self._unusable = unusable
        """The errors of *render* for a photo it cannot use."""

    @property
    def capabilities(self) -> Capabilities:
        """What our own renderer can do."""
        return Capabilities(
            durations=frozenset(DURATIONS),
            ratios=frozenset(Ratio),
            cancelling=Cancelling.ALWAYS,
            reports_progress=False,
            correlates=True,
            usual_seconds=1.0,
        )

    def generate_clip(self, order: GenerationOrder) -> ProviderTaskId:
        """Store *order*. The photo is written first, so a stored order is complete."""
        width, height = order.ratio.size
        task_id = ProviderTaskId(order.attempt_id)
        facts = {
            "width": width,
            "height": height,
            "duration_seconds": order.duration_seconds,
            "motion": order.motion.value,
            "seed": order.seed,
        }
        self._store.write(_photo_key(task_id), order.photo, content_type="image/jpeg")
        self._store.write(
            _order_key(task_id), json.dumps(facts).encode(), content_type="application/json"
        )
        return task_id

    def get_job_status(self, task_id: ProviderTaskId) -> JobStatus:
        """Return ``succeeded`` while the order is stored; otherwise raise `NotFound`."""
        self._store.read(_order_key(task_id), max_bytes=MAX_ORDER_BYTES)
        return JobStatus(state=JobState.SUCCEEDED, cost=0)

    def fetch_result(self, task_id: ProviderTaskId, destination: Path) -> None:
        """Render the clip into *destination*. This is where the work is done."""
        if self._render is None:
            raise ResultGone("this function cannot render")
        try:
            order = json.loads(self._store.read(_order_key(task_id), max_bytes=MAX_ORDER_BYTES))
            photo = self._store.read(_photo_key(task_id), max_bytes=MAX_FITTED_BYTES)
        except NotFound as error:
            raise ResultGone("the order has been deleted") from error
        try:
            destination.write_bytes(self._render(photo, **order))
        except self._unusable as error:
            raise ResultUnusable(f"the photo cannot be animated: {error}") from error

    def cancel(self, task_id: ProviderTaskId) -> bool:
        """Delete the order: it costs nothing at any time."""
        self._store.delete(_prefix(task_id))
        return True


def _prefix(task_id: ProviderTaskId) -> str:
    return f"jobs/{task_id}/"


def _order_key(task_id: ProviderTaskId) -> str:
    return f"{_prefix(task_id)}order.json"


def _photo_key(task_id: ProviderTaskId) -> str:
    return f"{_prefix(task_id)}photo.jpg"
