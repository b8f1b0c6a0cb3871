"""
Everything between an order and its settlement, in memory: use cases, tasks, the real definition.

Each call that crosses a port passes a gate, where a test can end the process or lose the answer.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import partial
from hashlib import sha256
from typing import Any, Final

from dev.fakes.clips import (
    InMemoryClips,
    InMemoryGenerationWorkflow,
    InMemoryLatencies,
    PlainClipFinisher,
)
from dev.fakes.clock import FakeClock
from dev.fakes.credits import InMemoryLedger
from dev.fakes.films import InMemoryFilms
from dev.fakes.media import InMemoryMediaStore
from dev.fakes.providers import InMemoryVideoProvider
from dev.fakes.state_machine import End, Killed, StateMachine
from dev.fakes.uploads import InMemoryUploads, PlainPhotoProcessor
from echoes.application.clips.cancel_clip import CancelClip
from echoes.application.clips.create_clip_download_link import CreateClipDownloadLink
from echoes.application.clips.delete_clip import DeleteClip
from echoes.application.clips.order_clip import ClipRequest, OrderClip
from echoes.application.clips.regenerate_clip import RegenerateClip
from echoes.application.clips.view_clip import ViewClip
from echoes.application.films.settle_film import SettleFilm
from echoes.application.generation.begin_attempt import BeginAttempt
from echoes.application.generation.finish_clip import FinishClip
from echoes.application.generation.poll_clip import PollClip
from echoes.application.generation.settle_clip import SettleClip
from echoes.application.generation.settle_stopped_attempt import SettleStoppedAttempt
from echoes.application.generation.submit_clip import SubmitClip
from echoes.application.generation.sweep_clips import ClipSweep, SweepClips
from echoes.application.ports.providers import VideoProvider
from echoes.application.projects.order_clips import OrderClips
from echoes.application.projects.sweep_projects import SweepProjects
from echoes.domain.clips.attempts import AttemptRef, ClipStatus
from echoes.domain.clips.clip import Clip
from echoes.domain.credits.accounts import HoldStatus
from echoes.domain.credits.entries import EntryKind
from echoes.domain.errors import SubmissionUnknown, Unavailable
from echoes.domain.identifiers import ClipId, Credits, OwnerId
from echoes.domain.uploads import Upload
from echoes.tasks import generation
from tests.support.factories import a_ready_upload, an_id, an_owner, photo_facts
from tests.support.grants import GrantCredits

RUNWAY: Final = "runway"
OTHER: Final = "still-motion"
PHOTO: Final = b"photo of a dog"
SWEEPS: Final = 12
"""Twelve rounds, ten minutes apart: far more than anything may need."""


class Blow(StrEnum):
    """What happens at a gate."""

    KILL_BEFORE = "kill_before"
    KILL_AFTER = "kill_after"
    LOSE_ANSWER = "lose_answer"
    FAIL = "fail"
    """The call fails, having done nothing."""


class Gate:
    """Counts the calls that cross a port, and strikes at one of them."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.struck: str | None = None
        self._at: int | None = None
        self._blow = Blow.KILL_BEFORE
        self.look: Callable[[], None] = lambda: None
        """Called after every call: what must be true at every moment."""

    def strike(self, at: int, blow: Blow) -> None:
        """Strike at the call number *at* from now on, once."""
        self.calls, self.struck, self._at, self._blow = [], None, at, blow

    def lift(self) -> None:
        """Let everything pass."""
        self._at = None

    def cross(self, name: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever it is
        self.calls.append(name)
        if self._at != len(self.calls) - 1:
            answer = call()
            self.look()
            return answer
        self._at, self.struck = None, name
        if self._blow is Blow.KILL_BEFORE:
            raise Killed(name)
        if self._blow is Blow.FAIL:
            raise Unavailable(f"injected at {name}")
        call()
        self.look()
        if self._blow is Blow.KILL_AFTER:
            raise Killed(name)
        lost = SubmissionUnknown if name.endswith("generate_clip") else Unavailable
        raise lost(f"injected at {name}")


class Gated:
    """A port whose methods pass the gate."""

    def __init__(self, port: object, name: str, gate: Gate) -> None:
        self._port, self._name, self._gate = port, name, gate

    def __getattr__(self, method: str) -> Any:  # noqa: ANN401  # a method or a property
        found = getattr(self._port, method)
        if not callable(found):
            return found

        def crossing(*args: object, **named: object) -> object:
            return self._gate.cross(f"{self._name}.{method}", partial(found, *args, **named))

        return crossing


class ClipHarness:
    """One owner with credits, one photo, and the machinery."""

    def __init__(
        self,
        *,
        credits_: int = 3,
        correlates: bool = False,
        fallback: bool = False,
        free_clips: bool = True,
    ) -> None:
        self.gate, self.clock = Gate(), FakeClock()
        self.clips_store = InMemoryClips()
        self.projects_store, self.batches_store = (
            self.clips_store.projects,
            self.clips_store.batches,
        )
        self.ledger_store = InMemoryLedger(clips=self.clips_store)
        self.uploads_store = InMemoryUploads()
        self.photos_store = InMemoryMediaStore(self.clock)
        self.media_store = InMemoryMediaStore(self.clock)
        self.workflow_store = InMemoryGenerationWorkflow()
        self.provider = InMemoryVideoProvider(self.clock, correlates=correlates)
        self.other = InMemoryVideoProvider(self.clock, correlates=True, run_seconds=0)
        self.owner = an_owner()
        self.initial = credits_
        self.killed = False
        self._wire(fallback=OTHER if fallback else None, free_clips=free_clips)
        if credits_:
            GrantCredits(ledger=self.ledger_store, clock=self.clock)(
                self.owner,
                amount=Credits(credits_),
                reference=an_id(),
                actor="operator",
                reason="a start",
            )
        self.upload = self.upload_of(self.owner)
        self.gate.look = self.check_agreement

    def upload_of(self, owner: OwnerId) -> Upload:
        """Return a photo of *owner* that is ready."""
        facts = photo_facts(sha256=sha256(PHOTO).hexdigest())
        upload = a_ready_upload(owner_id=owner, upload_id=an_id(), facts=facts)
        self.uploads_store.add([upload])
        self.photos_store.write(upload.photo_key, PHOTO, content_type="image/jpeg")
        return upload

    def _wire(self, *, fallback: str | None, free_clips: bool) -> None:
        gated = partial(self._gated)
        clock = self.clock
        clips, ledger = gated(self.clips_store, "clips"), gated(self.ledger_store, "ledger")
        projects = gated(self.projects_store, "projects")
        batches, films = gated(self.batches_store, "batches"), gated(InMemoryFilms(), "films")
        uploads, photos = gated(self.uploads_store, "uploads"), gated(self.photos_store, "photos")
        media, latencies = gated(self.media_store, "media"), InMemoryLatencies()
        workflow = gated(self.workflow_store, "workflow")
        self.latencies = latencies
        providers: Mapping[str, VideoProvider] = {
            RUNWAY: gated(self.provider, "provider"),
            OTHER: gated(self.other, "other"),
        }
        begin = BeginAttempt(ledger=ledger, clips=clips, workflow=workflow, clock=clock)
        self.order_clip = OrderClip(
            begin_attempt=begin,
            clips=clips,
            uploads=uploads,
            projects=projects,
            clock=clock,
            provider=RUNWAY,
            free_clips=free_clips,
        )
        self.order_clips = OrderClips(
            ledger=ledger,
            clips=clips,
            uploads=uploads,
            projects=projects,
            batches=batches,
            begin_attempt=begin,
            clock=clock,
            provider=RUNWAY,
        )
        self.regenerate_clip = RegenerateClip(
            begin_attempt=begin, clips=clips, clock=clock, provider=RUNWAY, free_clips=free_clips
        )
        self.settle_clip = SettleClip(ledger=ledger, clips=clips, clock=clock)
        self.cancel_clip = CancelClip(clips=clips, settle_clip=self.settle_clip, clock=clock)
        self.delete_clip = DeleteClip(clips=clips, projects=projects, media=media, clock=clock)
        self.sweep_projects = SweepProjects(
            projects=projects,
            batches=batches,
            order_clips=self.order_clips,
            delete_clip=self.delete_clip,
            films=films,
            settle_film=SettleFilm(films=films, clock=clock),
            media=media,
            clock=clock,
        )
        self.create_clip_download_link = CreateClipDownloadLink(
            clips=clips, media=media, clock=clock
        )
        self.view_clip = ViewClip(clips=clips, media=media)
        self.submit_clip = SubmitClip(
            clips=clips,
            uploads=uploads,
            photos=photos,
            processor=PlainPhotoProcessor(),
            providers=providers,
            fallback=fallback,
            latencies=latencies,
            clock=clock,
        )
        self.poll_clip = PollClip(
            clips=clips, providers=providers, latencies=latencies, clock=clock
        )
        self.finish_clip = FinishClip(
            clips=clips,
            providers=providers,
            finisher=PlainClipFinisher(),
            media=media,
            clock=clock,
        )
        self.settle_stopped = SettleStoppedAttempt(
            clips=clips, settle_clip=self.settle_clip, providers=providers
        )
        self.sweep_clips = SweepClips(
            clips=clips,
            ledger=ledger,
            workflow=workflow,
            settle_stopped_attempt=self.settle_stopped,
            clock=clock,
        )
        self.tasks: dict[str, Callable[[dict[str, Any]], Mapping[str, object]]] = {
            "SubmitFunctionArn": partial(
                generation.submit, submit_clip=self.submit_clip, scale=1.0
            ),
            "PollFunctionArn": partial(generation.poll, poll_clip=self.poll_clip, scale=1.0),
            "FinishFunctionArn": partial(generation.finish, finish_clip=self.finish_clip),
            "SettleFunctionArn": partial(generation.settle, settle_clip=self.settle_clip),
        }

    def _gated(self, port: object, name: str) -> Any:  # noqa: ANN401  # stands for any port
        return Gated(port, name, self.gate)

    def request(self, **changes: Any) -> ClipRequest:  # noqa: ANN401  # any field
        """Return the owner's request for a clip of the photo."""
        fields: dict[str, Any] = {
            "owner_id": self.owner,
            "clip_id": ClipId(an_id()),
            "upload_id": self.upload.upload_id,
        }
        return ClipRequest(**(fields | changes))

    def order(self, **changes: Any) -> Clip:  # noqa: ANN401  # any field of the request
        """Order a clip."""
        return self.order_clip(self.request(**changes))

    def clip(self, clip: Clip) -> Clip:
        """Return *clip* as it is stored now."""
        return self.clips_store.get(clip.owner_id, clip.clip_id)

    def carry(self, attempt: AttemptRef, *, stop: Callable[[], bool] = lambda: False) -> End:
        """Let the state machine carry *attempt*."""
        payload = {
            "owner_id": attempt.owner_id,
            "clip_id": attempt.clip_id,
            "attempt_id": attempt.attempt_id,
            "correlation_id": "test",
        }
        end = StateMachine(self.tasks, self.clock).run(payload, stop=stop)
        self.workflow_store.end(attempt)
        return end

    def carry_all(self, *, stop: Callable[[], bool] = lambda: False) -> list[End]:
        """Carry every attempt whose execution was started and has not ended."""
        ends = []
        for attempt in list(self.workflow_store.started):
            if self.workflow_store.state(attempt) == "running":
                ends.append(self.carry(attempt, stop=stop))  # noqa: PERF401  # it has effects
        return ends

    def sweep(self) -> ClipSweep:
        """Let ten minutes pass, and do one round."""
        self.clock.advance(timedelta(minutes=10))
        self.sweep_projects()
        return self.sweep_clips()

    def come_to_rest(self) -> None:
        """Sweep, and carry what the sweep starts, until nothing is open."""
        for _ in range(SWEEPS):
            self.carry_all()
            if self.at_rest():
                return
            self.sweep()

    def at_rest(self) -> bool:
        """Return whether every attempt has ended and nothing is held."""
        ended = all(clip.attempt.ended for clip in self.clips_store.all())
        return ended and not self.ledger_store.account(self.owner).held

    def check_agreement(self) -> None:
        """Assert that clips and holds never disagree, not even for a moment."""
        for clip in self.clips_store.all():
            for attempt in clip.attempts if not clip.free else ():
                hold = self.ledger_store.hold(attempt.hold_id)
                assert hold is not None
                assert attempt.ended == (hold.status is not HoldStatus.OPEN)
                assert self.provider.made[attempt.attempt_id] <= 1, "made twice"

    def check(self) -> None:
        """Assert what must always be true once everything is at rest."""
        assert self.at_rest()
        entries = self.ledger_store.entries(self.owner, before=None, limit=100).entries
        captured = 0
        for clip in self.clips_store.all():
            for attempt in clip.attempts:
                kinds = [e.kind for e in entries if e.reference == attempt.hold_id]
                hold = self.ledger_store.hold(attempt.hold_id)
                completed = attempt.status is ClipStatus.COMPLETED
                if not clip.free:
                    settled = EntryKind.CAPTURE if completed else EntryKind.RELEASE
                    assert sorted(kinds) == sorted([EntryKind.HOLD, settled])
                    assert hold is not None
                    assert hold.status is (
                        HoldStatus.CAPTURED if completed else HoldStatus.RELEASED
                    )
                    captured += attempt.credits if completed else 0
                if completed:
                    assert attempt.media is not None
                    assert attempt.media.master_key in self.media_store.files
                    assert attempt.error_code is None
                else:
                    assert attempt.error_code is not None
                assert self.provider.made[attempt.attempt_id] <= 1, "made twice"
        account = self.ledger_store.account(self.owner)
        assert account.available == self.initial - captured
