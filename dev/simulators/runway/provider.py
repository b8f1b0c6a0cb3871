"""The provider behind the HTTP: accepts orders, keeps tasks, renders films and serves them."""

import math
import random
import threading
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from dev.simulators.core.faults import FaultQueue, Queued
from dev.simulators.core.response import JsonObject
from dev.simulators.runway.clock import ScaledClock
from dev.simulators.runway.contract import Contract, load_contract
from dev.simulators.runway.faults import (
    Call,
    Failure,
    Fault,
    Operation,
    find,
    speed_in,
)
from dev.simulators.runway.media.outputs import LinkSigner
from dev.simulators.runway.media.rendering import Job, RenderPool, motion_for
from dev.simulators.runway.media.uploads import Part, Slot, Uploads
from dev.simulators.runway.orders import ASSET_HOST, PricedOrder, read_order, write_script
from dev.simulators.runway.organization import Organization
from dev.simulators.runway.settings import Settings
from dev.simulators.runway.tasks import Ending, Output, Status, Task, TaskList
from dev.simulators.runway.views import describe, list_entry

_EXPIRED_SECONDS: Final = -1.0
_CORRUPT_BYTES: Final = 4096
_MAX_PUBLISHED: Final = 200


class NotEntitled(Exception):
    """The key may not use this model."""


class QuotaExceeded(Exception):
    """The model's quota of the day is used up."""


class NotEnoughCredits(Exception):
    """The account cannot pay for the task."""


class Provider:
    """
    All state of the simulator. Thread-safe; every answer is true at the moment it is given.

    Files live below `directory`, which the caller removes.
    """

    def __init__(self, settings: Settings, *, directory: Path) -> None:
        self.contract: Contract = load_contract()
        self.clock = ScaledClock(settings.speed)
        self.links = LinkSigner()
        self._lock = threading.RLock()
        self._films, self._photos = directory / "films", directory / "photos"
        uploads = directory / "uploads"
        for folder in (self._films, self._photos, uploads):
            folder.mkdir(parents=True, exist_ok=True)
        self._uploads = Uploads(uploads, self.contract.upload)
        self._published: dict[str, tuple[bytes, str]] = {}
        self._renders = RenderPool()
        self._faults = FaultQueue[Fault]()
        self._start(settings)

    def _start(self, settings: Settings) -> None:
        self._settings = settings
        self._rng = random.Random(settings.random_seed)
        self._organization = Organization(
            credits=settings.credits,
            daily_limit=settings.daily_limit,
            concurrency=settings.concurrency,
            models=tuple(self.contract.models),
            now=lambda: datetime.now(UTC),
            entitled=settings.entitled,
        )
        self._task_list = TaskList(concurrency=settings.concurrency, on_end=self._settle)

    @property
    def settings(self) -> Settings:
        """Return the present settings."""
        return self._settings

    def change(self, settings: Settings) -> None:
        """Apply other settings at once; raise `ValueError` for what makes no sense."""
        with self._lock:
            self.clock.set_speed(settings.speed)
            self._task_list.set_concurrency(settings.concurrency, now=self.clock.now())
            organization = self._organization
            if settings.credits != self._settings.credits:
                organization.credits = settings.credits
            organization.daily_limit = settings.daily_limit
            organization.concurrency = settings.concurrency
            organization.entitled = settings.entitled
            self._settings = settings

    def reset(self, settings: Settings) -> None:
        """Forget tasks, uploads, faults and counters, and start again with these settings."""
        with self._lock:
            self.clock.set_speed(settings.speed)
            for film in self._films.iterdir():
                film.unlink(missing_ok=True)
            self._uploads.clear()
            self._published.clear()
            self._faults.clear()
            self._renders.drop_all()
            self._start(settings)

    def close(self) -> None:
        """Stop the renderers, at once."""
        self._renders.close()

    # -- tasks ---------------------------------------------------------------------------------

    def create(self, body: object, calls: Sequence[Call]) -> Task:
        """
        Accept an order and begin its task, to which these faults happen.

        Raises `BodyRefused`, `NotEntitled`, `QuotaExceeded` or `NotEnoughCredits`, and then
        nothing is kept.
        """
        priced = read_order(body, contract=self.contract, assets=self)
        with self._lock:
            model = priced.order.model
            if not self._organization.may_use(model):
                raise NotEntitled(f"Model variant {model} is not available")
            if self._organization.over_daily_limit(model):
                raise QuotaExceeded
            if self._organization.credits < priced.credits:
                raise NotEnoughCredits
            return self._accept(priced, calls)

    def _accept(self, priced: PricedOrder, calls: Sequence[Call]) -> Task:
        now = self.clock.now()
        asked = speed_in(priced.order.prompt)
        task = Task(
            id=str(uuid.uuid4()),
            order=priced.order,
            script=write_script(
                calls,
                median_seconds=self._settings.median_seconds,
                spread=self._settings.spread,
                pace=self.clock.speed / asked if asked else 1.0,
                rng=self._rng,
            ),
            estimated_credits=priced.credits,
            created_at=now,
            begun_at=datetime.now(UTC),
            faults=tuple(call.fault.value for call in calls),
            output=_output_under(calls),
            expired_links=_expired_links_under(calls),
        )
        self._organization.charge(priced.order.model, priced.credits)
        for forgotten in self._task_list.add(task, now=now):
            self._film_of(forgotten.id).unlink(missing_ok=True)
        if task.script.ending is Ending.SUCCEED:
            self._order_film(task, priced.photo.data)
        return task

    def _order_film(self, task: Task, photo: bytes) -> None:
        path = self._photos / task.id
        path.write_bytes(photo)
        order = task.order
        seed = order.seed if order.seed is not None else self._rng.getrandbits(32)
        job = Job(
            photo=path,
            film=self._film_of(task.id),
            width=order.width,
            height=order.height,
            duration_seconds=order.duration_seconds,
            motion=motion_for(order.prompt),
            seed=seed,
        )
        tasks = self._task_list

        def on_done(error: BaseException | None) -> None:
            with self._lock:
                now = self.clock.now()
                if task.deleted:
                    job.film.unlink(missing_ok=True)
                elif error is None:
                    tasks.film_ready(task.id, at=now)
                else:
                    text = "An unexpected error occurred."
                    failure = Failure(code="INTERNAL", text=text, charged=False, at=1)
                    tasks.film_failed(task.id, failure, at=now)

        self._renders.order(job, self._settings.render, on_done)

    def retrieve(self, task_id: str, *, base_url: str) -> JsonObject | None:
        """Return the body of `GET /v1/tasks/{id}` with fresh links, or None."""
        with self._lock:
            now = self.clock.now()
            task = self._task_list.find(task_id, now=now)
            if task is None:
                return None
            task.polls += 1
            links = self._links(task, base_url) if task.ended_as is Status.SUCCEEDED else []
            return describe(task, now=now, links=links)

    def _links(self, task: Task, base_url: str) -> list[str]:
        if task.output is Output.EMPTY:
            return []
        ttl_seconds = self._settings.output_ttl_seconds
        if task.expired_links > 0:
            task.expired_links -= 1
            ttl_seconds = _EXPIRED_SECONDS
        return [self.links.sign(base_url, task.id, ttl_seconds=ttl_seconds)]

    def delete(self, task_id: str) -> bool:
        """Cancel or remove a task with its film; return whether there was one."""
        with self._lock:
            task = self._task_list.delete(task_id, now=self.clock.now())
            if task is not None:
                self._renders.drop(self._photos / task_id)
                self._film_of(task_id).unlink(missing_ok=True)
            return task is not None

    def film(self, task_id: str) -> tuple[Path, int] | None:
        """Return the file of a finished film and how many of its bytes may be read, or None."""
        with self._lock:
            task = self._task_list.find(task_id, now=self.clock.now())
            if task is None or task.ended_as is not Status.SUCCEEDED:
                return None
            path = self._film_of(task_id)
            size = path.stat().st_size
            if task.output is Output.CORRUPT:
                size = min(size, _CORRUPT_BYTES)
            return path, size

    def tasks(self) -> list[JsonObject]:
        """Return all tasks, deleted ones too, as the control endpoint lists them."""
        with self._lock:
            now = self.clock.now()
            return [list_entry(task, now=now) for task in self._task_list.all(now=now)]

    def _settle(self, task: Task) -> None:
        refund = task.estimated_credits - task.cost_credits
        self._organization.refund(task.order.model, refund)

    def _film_of(self, task_id: str) -> Path:
        return self._films / f"{uuid.UUID(task_id)}.mp4"

    # -- assets, account, faults ---------------------------------------------------------------

    def open_upload(self) -> Slot:
        """Return a new place for a file."""
        with self._lock:
            return self._uploads.open_slot()

    def store_upload(self, parts: list[Part]) -> None:
        """Keep a posted file, or raise `StorageRefused`."""
        with self._lock:
            self._uploads.store(parts)

    def uploaded(self, uri: str) -> tuple[bytes, str] | None:
        """Return bytes and content type of a `runway://` URI, or None."""
        with self._lock:
            return self._uploads.find(uri)

    def publish(self, data: bytes, content_type: str) -> str:
        """Put a file where an https `promptImage` can name it; return that URL."""
        with self._lock:
            while len(self._published) >= _MAX_PUBLISHED:
                del self._published[next(iter(self._published))]
            url = f"{ASSET_HOST}{uuid.uuid4()}"
            self._published[url] = (data, content_type)
            return url

    def published(self, url: str) -> tuple[bytes, str] | None:
        """Return bytes and content type of a published URL, or None."""
        with self._lock:
            return self._published.get(url)

    def organization(self) -> JsonObject:
        """Return the body of `GET /v1/organization`."""
        with self._lock:
            self._task_list.advance(self.clock.now())
            return self._organization.as_json()

    def usage(self, start: date, before: date) -> JsonObject:
        """Return the body of `POST /v1/organization/usage`."""
        with self._lock:
            self._task_list.advance(self.clock.now())
            return self._organization.usage(start, before)

    def queue_fault(self, call: Call, *, operation: Operation, count: int) -> None:
        """Let the next `count` requests of a kind meet a fault."""
        with self._lock:
            self._faults.add(call, operation=operation, count=count)

    def take_fault(self, operation: Operation) -> Call | None:
        """Use up a queued fault for one request."""
        with self._lock:
            return self._faults.take(operation)

    def queued_faults(self) -> tuple[Queued[Fault], ...]:
        """Return the faults that still wait."""
        with self._lock:
            return self._faults.pending()

    def clear_faults(self) -> None:
        """Forget the faults that still wait."""
        with self._lock:
            self._faults.clear()


def _output_under(calls: Sequence[Call]) -> Output:
    if find(calls, Fault.EMPTY_OUTPUT):
        return Output.EMPTY
    return Output.CORRUPT if find(calls, Fault.CORRUPT_OUTPUT) else Output.WHOLE


def _expired_links_under(calls: Sequence[Call]) -> float:
    if find(calls, Fault.EXPIRED_URL_ALWAYS):
        return math.inf
    return 1 if find(calls, Fault.EXPIRED_URL) else 0
