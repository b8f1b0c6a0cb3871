"""
The HTTP functions on fakes, wired by their own composition roots: events in, replies out.

Every reply is held to the API's description, whatever the test asks.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

from dev.fakes.access_audit import InMemoryAccessAudit
from dev.fakes.clips import InMemoryClips, InMemoryGenerationWorkflow
from dev.fakes.clock import FakeClock
from dev.fakes.credits import InMemoryLedger
from dev.fakes.films import InMemoryAssemblyWorkflow, InMemoryFilms
from dev.fakes.idempotency import InMemoryPersistenceLayer
from dev.fakes.media import InMemoryMediaStore
from dev.fakes.music import InMemoryMusicUploads
from dev.fakes.rewards import InMemoryRewards
from dev.fakes.uploads import InMemoryUploads
from dev.simulators.stripe.in_process import stripe_in_process
from echoes.application.rewards.review_referral import FindFirstPurchase
from echoes.bootstrap.account import api as account
from echoes.bootstrap.admin import api as admin
from echoes.bootstrap.assemble import api as assemble
from echoes.bootstrap.billing import api as billing
from echoes.bootstrap.generate import api as generate
from echoes.bootstrap.projects import api as projects
from echoes.bootstrap.status import api as status
from echoes.bootstrap.upload import api as upload
from echoes.bootstrap.webhooks import ingest
from echoes.domain.clips.drift import Drift
from echoes.domain.films.film import Film
from echoes.domain.identifiers import Credits, OwnerId
from echoes.domain.uploads import Upload
from echoes.http.application import Application
from echoes.http.billing.views import offer_pack
from echoes.http.contract.route import Routes
from echoes.http.idempotency import Idempotency
from tests.support.api_description import ORIGIN, REQUEST_ID, Reply, check_reply, find_operation
from tests.support.factories import a_ready_upload, an_owner
from tests.support.film_harness import FilmHarness
from tests.support.grants import GrantCredits
from tests.support.payments_harness import PaymentsHarness


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What the authorizer found out about a caller."""

    subject: OwnerId
    kind: str = "user"
    groups: str = ""


@dataclass(slots=True)
class Context:
    """What Lambda says of an invocation."""

    remaining_ms: int = 10_000
    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:test:live"
    aws_request_id: str = "invocation"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may still take."""
        return self.remaining_ms


@dataclass
class HttpApi:
    """Everything the functions reach, in memory; ``apps`` are the functions by name."""

    clock: FakeClock = field(default_factory=FakeClock)
    clips: InMemoryClips = field(default_factory=InMemoryClips)
    uploads: InMemoryUploads = field(default_factory=InMemoryUploads)
    workflow: InMemoryGenerationWorkflow = field(default_factory=InMemoryGenerationWorkflow)
    films: InMemoryFilms = field(default_factory=InMemoryFilms)
    music: InMemoryMusicUploads = field(default_factory=InMemoryMusicUploads)
    assembly: InMemoryAssemblyWorkflow = field(default_factory=InMemoryAssemblyWorkflow)
    records: InMemoryPersistenceLayer = field(default_factory=InMemoryPersistenceLayer)
    secrets: list[str] = field(default_factory=lambda: ["the present secret"])
    free_clips: bool = True
    drifts: list[Drift] = field(default_factory=list)
    context: Context = field(default_factory=Context)

    def __post_init__(self) -> None:
        self.rewards = InMemoryRewards()
        self.ledger = InMemoryLedger(clips=self.clips, rewards=self.rewards)
        self.media = InMemoryMediaStore(self.clock)
        simulator, client = ExitStack().enter_context(stripe_in_process())
        self.payments_harness = PaymentsHarness(
            simulator=simulator, client=client, ledger=self.ledger
        )
        self.access_audit = InMemoryAccessAudit(
            self.clips, self.uploads, self.payments_harness.orders, self.films, self.music
        )
        self.refused_webhooks = 0
        ports: dict[str, object] = {
            "access_audit": self.access_audit,
            "arrivals": self.media,
            "assembly": self.assembly,
            "batches": self.clips.batches,
            "clips": self.clips,
            "clock": self.clock,
            "codes": self.rewards,
            "count_refused": self._count_refused,
            "customers": self.payments_harness.customers,
            "films": self.films,
            "films_in_progress": self.films,
            "first_purchase": FindFirstPurchase(history=self.ledger, purchases=self.ledger),
            "free_clips": self.free_clips,
            "freezer": self.ledger,
            "idempotency": Idempotency(store=self.records),
            "ledger": self.ledger,
            "log_drift": self.drifts.append,
            "links": self.media,
            "media": self.media,
            "music": self.music,
            "orders": self.payments_harness.orders,
            "pages": self.payments_harness.pages,
            "payments": self.payments_harness.payments,
            "projects": self.clips.projects,
            "provider": "runway",
            "queue": self.payments_harness.queue,
            "read": self.payments_harness.messages,
            "reconcile": self.payments_harness.reconcile,
            "requests": self.rewards.requests,
            "rewards": self.rewards,
            "secrets": lambda: self.secrets,
            "uploads": self.uploads,
            "workflow": self.workflow,
        }
        self.apps = {
            "account-api": wired(account.routes, ports),
            "admin-api": wired(admin.routes, ports),
            "assemble-api": wired(assemble.routes, ports),
            "billing-api": wired(billing.routes, {**ports, "clock": self.payments_harness.clock}),
            "generate-api": wired(generate.routes, ports),
            "projects-api": wired(projects.routes, ports),
            "status-api": wired(status.routes, ports),
            "upload-api": wired(upload.routes, ports),
            "webhooks-ingest": wired(ingest.routes, ports),
        }

    def user(self, *, credits_: int = 0, groups: str = "") -> Token:
        """Return somebody with an account and that many credits."""
        token = Token(subject=an_owner(), groups=groups)
        if credits_:
            GrantCredits(ledger=self.ledger, clock=self.clock)(
                token.subject,
                amount=Credits(credits_),
                reference=f"start/{token.subject}",
                actor="test",
                reason="to begin with",
            )
        return token

    def guest(self) -> Token:
        """Return somebody without an account."""
        reply = self.call("POST", "/v1/guests")
        return Token(subject=OwnerId(reply.body["guest_id"]), kind="guest")

    def admin(self) -> Token:
        """Return an operator."""
        return self.user(groups="admin")

    def photo(self, owner: Token) -> Upload:
        """Return a photo of *owner* that can be animated."""
        upload = a_ready_upload(owner_id=owner.subject)
        self.uploads.add([upload])
        return upload

    def order(self, owner: Token, *, key: str | None = None, **fields: object) -> dict[str, Any]:
        """Return a clip that *owner* ordered."""
        body = {"upload_id": self.photo(owner).upload_id, **fields}
        reply = self.call("POST", "/v1/clips", token=owner, body=body, key=key)
        assert reply.status == 202, reply.body
        clip: dict[str, Any] = reply.body
        return clip

    def film(self, owner: Token) -> Film:
        """Return a film of *owner* that was ordered a moment ago."""
        harness = FilmHarness(owner=owner.subject, clips=self.clips, films=self.films)
        return harness.ordered(harness.project(harness.clip(), at=self.clock.now()))

    def call(
        self,
        method: str,
        path: str,
        *,
        token: Token | None = None,
        body: object = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        app: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request to the function that has the route; text goes as it is, else as JSON."""
        operation = find_operation(method, path)
        sent = {"Origin": ORIGIN, "X-Forwarded-For": "192.0.2.7", **(headers or {})}
        if key is not None:
            sent["Idempotency-Key"] = key
        event = an_event(method, path, token=token, body=body, headers=sent, query=query)
        name = app or (operation.route.function if operation else "account-api")
        answer = self.apps[name](event, self.context)
        reply = Reply(
            status=answer["statusCode"],
            headers={k: ", ".join(v) for k, v in answer["multiValueHeaders"].items()},
            body=json.loads(answer["body"]) if answer["body"] else None,
        )
        check_reply(reply, operation)
        return reply

    def _count_refused(self) -> None:
        self.refused_webhooks += 1


def wired(routes: Callable[..., list[Routes]], ports: Mapping[str, object]) -> Application:
    """Return a function as its composition root builds it, on the *ports* that it names."""
    named = {name: ports[name] for name in signature(routes).parameters}
    return Application(routes(**named), origins=[ORIGIN, "http://localhost:5173"], offer=offer_pack)


def an_event(
    method: str,
    path: str,
    *,
    token: Token | None = None,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return an API Gateway proxy event of payload format 1.0."""
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    sent = dict(headers or {})
    caller = (
        {"subject": token.subject, "kind": token.kind, "groups": token.groups} if token else None
    )
    return {
        "version": "1.0",
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "requestContext": {
            "authorizer": caller,
            "requestId": REQUEST_ID,
            "identity": {"sourceIp": "192.0.2.7"},
            "httpMethod": method,
            "path": f"/live{path}",
            "stage": "live",
        },
        "body": text,
        "isBase64Encoded": False,
    }
