"""
The HTTP functions on fakes: events in, replies out.

Every reply is held to the API's description, whatever the test asks: an answer or a status that
is not documented, a problem of another shape, a missing header fails the test at once (ER6).
"""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import jsonschema_rs

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
from echoes.adapters.tokens.guests import GuestTokens
from echoes.adapters.tokens.secrets import SigningKeys
from echoes.application.clips.begin_attempt import BeginAttempt
from echoes.application.clips.cancel_clip import CancelClip
from echoes.application.clips.create_clip_download_link import CreateClipDownloadLink
from echoes.application.clips.delete_clip import DeleteClip
from echoes.application.clips.order_clip import OrderClip
from echoes.application.clips.quote_clips import QuoteClips
from echoes.application.clips.regenerate_clip import RegenerateClip
from echoes.application.clips.settle_clip import SettleClip
from echoes.application.clips.view_clip import ViewClip
from echoes.application.credits.adjust_credits import AdjustCredits, ApproveAdjustment
from echoes.application.credits.set_account_status import SetAccountStatus
from echoes.application.credits.show_credits import ShowCredits
from echoes.application.credits.show_transactions import ShowTransactions
from echoes.application.films.cancel_film import CancelFilm
from echoes.application.films.create_film_download_link import CreateFilmDownloadLink
from echoes.application.films.order_film import OrderFilm
from echoes.application.films.view_film import ViewFilm
from echoes.application.music.choose_music import ChooseMusic
from echoes.application.music.delete_music import DeleteMusic
from echoes.application.music.list_music import ListMusic
from echoes.application.music.request_music_upload import RequestMusicUpload
from echoes.application.music.view_music import ViewMusic
from echoes.application.projects.create_project import CreateProject
from echoes.application.projects.edit_project import EditProject
from echoes.application.projects.order_clips import OrderClips
from echoes.application.projects.view_project import ViewProject
from echoes.application.purchases.replay_event import ReplayEvent
from echoes.application.rewards.claim_referral import ClaimReferral, ShowReferrals
from echoes.application.rewards.review_referral import FindFirstPurchase
from echoes.application.stories.plan_story import PlanStory
from echoes.application.uploads.request_uploads import RequestUploads
from echoes.application.uploads.view_upload import ViewUpload
from echoes.domain.clips.drift import Drift
from echoes.domain.films.film import Film
from echoes.domain.identifiers import Credits, OwnerId
from echoes.domain.uploads import Upload
from echoes.http.accounts.adjustments import adjustment_routes
from echoes.http.accounts.guests import guest_routes
from echoes.http.accounts.routes import account_routes
from echoes.http.admin_access import AuditedActions, AuditedReads
from echoes.http.application import Application, Route
from echoes.http.billing.checkout import checkout_routes
from echoes.http.billing.packs import pack_routes
from echoes.http.billing.stripe_events import stripe_event_routes
from echoes.http.billing.stripe_webhook import stripe_webhook_routes
from echoes.http.catalogue.routes import catalogue_routes
from echoes.http.clips.quotes import QuoteSeals, quote_routes
from echoes.http.clips.routes import clip_routes
from echoes.http.clips.status import clip_status_routes
from echoes.http.contract.operation import Operation
from echoes.http.credits.routes import credit_routes
from echoes.http.cursors import Cursors
from echoes.http.films.routes import film_routes
from echoes.http.films.status import film_status_routes
from echoes.http.idempotency import Idempotency
from echoes.http.music.routes import music_routes
from echoes.http.music.uploads import music_upload_routes
from echoes.http.operations import OPERATIONS
from echoes.http.projects.routes import project_routes
from echoes.http.referrals.routes import referral_routes
from echoes.http.stories.routes import story_routes
from echoes.http.uploads.routes import upload_routes
from tests.support.factories import a_ready_upload, an_owner
from tests.support.film_world import FilmWorld
from tests.support.grants import GrantCredits
from tests.support.payments import Till
from tools.openapi import document

ORIGIN: Final = "https://app.echoes.example"
REQUEST_ID: Final = "8f0c2a51-6a5e-4f0e-9a55-2b7f5a1d9c10"
PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What the authorizer found out about a caller."""

    subject: OwnerId
    kind: str = "user"
    groups: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, as a client sees it."""

    status: int
    headers: Mapping[str, str]
    body: Any


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
        self.till = Till(simulator=simulator, client=client, ledger=self.ledger)
        self.access_audit = InMemoryAccessAudit(
            self.clips, self.uploads, self.till.orders, self.films, self.music
        )
        self.reads = AuditedReads(access_audit=self.access_audit, clock=self.clock)
        self.guests = GuestTokens(keys=SigningKeys(secrets=self._secrets, purpose="guests"))
        self.refused_webhooks = 0
        routes = {
            "billing-api": self._billing(),
            "webhooks-ingest": stripe_webhook_routes(
                ingest_event=self.till.take_in, count_refused=self._count_refused
            ),
            "account-api": self._account(),
            "admin-api": self._admin(),
            "generate-api": self._generate(),
            "projects-api": self._projects(),
            "assemble-api": self._assemble(),
            "status-api": [
                *clip_status_routes(
                    view_clip=ViewClip(clips=self.clips, media=self.media), reads=self.reads
                ),
                *film_status_routes(
                    view_film=ViewFilm(films=self.films, media=self.media), reads=self.reads
                ),
            ],
            "upload-api": self._upload(),
        }
        self.apps = {
            name: Application(listed, origins=[ORIGIN, "http://localhost:5173"])
            for name, listed in routes.items()
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

    def order(self, owner: Token, *, key: str | None = None, **wish: object) -> dict[str, Any]:
        """Return a clip that *owner* ordered."""
        body = {"upload_id": self.photo(owner).upload_id, **wish}
        reply = self.call("POST", "/v1/clips", token=owner, body=body, key=key)
        assert reply.status == 202, reply.body
        clip: dict[str, Any] = reply.body
        return clip

    def film(self, owner: Token) -> Film:
        """Return a film of *owner* that was ordered a moment ago."""
        world = FilmWorld(owner=owner.subject, clips=self.clips, films=self.films)
        return world.ordered(world.project(world.clip(), at=self.clock.now()))

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
        name = app or (operation.function if operation else "account-api")
        answer = self.apps[name](event, self.context)
        reply = Reply(
            status=answer["statusCode"],
            headers={k: ", ".join(v) for k, v in answer["multiValueHeaders"].items()},
            body=json.loads(answer["body"]) if answer["body"] else None,
        )
        check_reply(reply, operation)
        return reply

    def _account(self) -> list[Route]:
        return [
            *catalogue_routes(free_clips=self.free_clips),
            *music_routes(list_music=ListMusic(media=self.media)),
            *credit_routes(
                show_credits=ShowCredits(ledger=self.ledger),
                show_transactions=ShowTransactions(ledger=self.ledger),
                cursors=Cursors(keys=SigningKeys(secrets=self._secrets, purpose="cursors")),
            ),
            *guest_routes(
                issue=self.guests.issue, clock=self.clock, idempotency=self._idempotency()
            ),
            *referral_routes(
                show_referrals=ShowReferrals(rewards=self.rewards, codes=self.rewards),
                claim_referral=ClaimReferral(
                    rewards=self.rewards,
                    codes=self.rewards,
                    first_purchase=FindFirstPurchase(history=self.ledger, purchases=self.ledger),
                    clock=self.clock,
                ),
                idempotency=self._idempotency(),
            ),
        ]

    def _admin(self) -> list[Route]:
        actions = AuditedActions(access_audit=self.access_audit, clock=self.clock)
        requests = self.rewards.requests
        return [
            *adjustment_routes(
                adjust_credits=AdjustCredits(
                    ledger=self.ledger, requests=requests, clock=self.clock
                ),
                approve_adjustment=ApproveAdjustment(
                    ledger=self.ledger, requests=requests, clock=self.clock
                ),
                actions=actions,
                idempotency=self._idempotency(),
            ),
            *account_routes(
                show_credits=ShowCredits(ledger=self.ledger),
                show_transactions=ShowTransactions(ledger=self.ledger),
                set_account_status=SetAccountStatus(
                    freezer=self.ledger, ledger=self.ledger, clock=self.clock
                ),
                actions=actions,
                cursors=Cursors(keys=SigningKeys(secrets=self._secrets, purpose="cursors")),
                idempotency=self._idempotency(),
            ),
            *stripe_event_routes(
                replay_event=ReplayEvent(payments=self.till.payments, queue=self.till.queue),
                actions=actions,
                idempotency=self._idempotency(),
            ),
        ]

    def _generate(self) -> list[Route]:
        begin = BeginAttempt(
            ledger=self.ledger, clips=self.clips, workflow=self.workflow, clock=self.clock
        )
        settle = SettleClip(ledger=self.ledger, clips=self.clips, clock=self.clock)
        seals = QuoteSeals(keys=SigningKeys(secrets=self._secrets, purpose="quotes"))
        quote_clips = QuoteClips(ledger=self.ledger, clock=self.clock)
        return quote_routes(quote_clips=quote_clips, seals=seals) + clip_routes(
            order_clip=OrderClip(
                begin_attempt=begin,
                clips=self.clips,
                uploads=self.uploads,
                projects=self.clips.projects,
                clock=self.clock,
                provider="runway",
                free_clips=self.free_clips,
                log_drift=self.drifts.append,
            ),
            regenerate_clip=RegenerateClip(
                begin_attempt=begin,
                clips=self.clips,
                clock=self.clock,
                provider="runway",
                free_clips=self.free_clips,
            ),
            cancel_clip=CancelClip(clips=self.clips, settle_clip=settle, clock=self.clock),
            create_clip_download_link=CreateClipDownloadLink(
                clips=self.clips, media=self.media, clock=self.clock
            ),
            delete_clip=self._deletion(),
            reads=self.reads,
            idempotency=self._idempotency(),
            seals=seals,
        )

    def _deletion(self) -> DeleteClip:
        return DeleteClip(
            clips=self.clips, projects=self.clips.projects, media=self.media, clock=self.clock
        )

    def _projects(self) -> list[Route]:
        clips, projects = self.clips, self.clips.projects
        self.order_clips = OrderClips(
            ledger=self.ledger,
            clips=clips,
            uploads=self.uploads,
            projects=projects,
            batches=clips.batches,
            begin_attempt=BeginAttempt(
                ledger=self.ledger, clips=clips, workflow=self.workflow, clock=self.clock
            ),
            clock=self.clock,
            provider="runway",
        )
        planning = story_routes(
            plan_story=PlanStory(
                uploads=self.uploads,
                choose_music=ChooseMusic(music=self.music),
                clock=self.clock,
            )
        )
        return planning + project_routes(
            create_project=CreateProject(projects=projects, clock=self.clock),
            edit_project=EditProject(projects=projects, clips=clips, clock=self.clock),
            view_project=ViewProject(
                projects=projects, clips=clips, films=self.films, media=self.media
            ),
            order_clips=self.order_clips,
            reads=self.reads,
            idempotency=self._idempotency(),
            cursors=Cursors(keys=SigningKeys(secrets=self._secrets, purpose="cursors")),
            seals=QuoteSeals(keys=SigningKeys(secrets=self._secrets, purpose="quotes")),
        )

    def _assemble(self) -> list[Route]:
        return film_routes(
            order_film=OrderFilm(
                projects=self.clips.projects,
                clips=self.clips,
                films=self.films,
                films_in_progress=self.films,
                ledger=self.ledger,
                choose_music=ChooseMusic(music=self.music),
                workflow=self.assembly,
                clock=self.clock,
            ),
            cancel_film=CancelFilm(films=self.films, clock=self.clock),
            create_film_download_link=CreateFilmDownloadLink(
                projects=self.clips.projects,
                films=self.films,
                clips=self.clips,
                ledger=self.ledger,
                media=self.media,
                clock=self.clock,
            ),
            reads=self.reads,
            idempotency=self._idempotency(),
        )

    def _upload(self) -> list[Route]:
        return [
            *upload_routes(
                request_uploads=RequestUploads(
                    uploads=self.uploads, photos=self.media, clock=self.clock
                ),
                view_upload=ViewUpload(uploads=self.uploads, photos=self.media, clock=self.clock),
                reads=self.reads,
                idempotency=self._idempotency(),
            ),
            *music_upload_routes(
                request_music=RequestMusicUpload(
                    music=self.music, arrivals=self.media, clock=self.clock
                ),
                view_music=ViewMusic(music=self.music, media=self.media, clock=self.clock),
                delete_music=DeleteMusic(
                    music=self.music, arrivals=self.media, media=self.media, clock=self.clock
                ),
                reads=self.reads,
                idempotency=self._idempotency(),
            ),
        ]

    def _billing(self) -> list[Route]:
        return [
            *pack_routes(),
            *checkout_routes(
                start_checkout=self.till.start,
                view_checkout=self.till.view,
                orders=self.till.orders,
                reads=self.reads,
                idempotency=self._idempotency(),
            ),
        ]

    def _count_refused(self) -> None:
        self.refused_webhooks += 1

    def _idempotency(self) -> Idempotency:
        return Idempotency(store=self.records)

    def _secrets(self) -> list[str]:
        return self.secrets


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


def find_operation(method: str, path: str) -> Operation | None:
    """Return the documented operation at *path*, if there is one."""
    steps = path.strip("/").split("/")
    for operation in OPERATIONS:
        pattern = operation.path.strip("/").split("/")
        same = len(pattern) == len(steps) and all(
            want.startswith("{") or want == step for want, step in zip(pattern, steps, strict=True)
        )
        if same and operation.method == method:
            return operation
    return None


def check_reply(reply: Reply, operation: Operation | None) -> None:
    """Hold *reply* to what the API promises of it."""
    assert reply.headers["X-Request-Id"] == REQUEST_ID
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Cache-Control" in reply.headers
    if reply.status >= 400:
        _check_problem(reply)
    if operation is None:
        assert reply.status in {404, 405}
        return
    described = _document()["paths"][operation.path][operation.method.lower()]["responses"]
    assert str(reply.status) in described, f"{reply.status} is not documented: {reply.body}"
    if reply.status < 400:
        success = next(a for a in operation.answers if a.status.value == reply.status)
        assert reply.headers["Cache-Control"] == operation.caching.value
        assert (reply.body is None) == (success.schema is None)
    if reply.body is not None:
        _validator(operation.method.lower(), operation.path, str(reply.status)).validate(reply.body)


def _check_problem(reply: Reply) -> None:
    assert reply.headers["Content-Type"] == PROBLEM
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.body["status"] == reply.status
    assert reply.body["request_id"] == REQUEST_ID
    model = "CreditProblem" if reply.status == 402 else "Problem"
    _schema({"$ref": f"#/components/schemas/{model}"}).validate(reply.body)


@cache
def _document() -> dict[str, Any]:
    return document()


@cache
def _validator(method: str, path: str, status: str) -> jsonschema_rs.Draft202012Validator:
    described = _document()
    response = described["paths"][path][method]["responses"][status]
    if "$ref" in response:
        response = described["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    (content,) = response["content"].values()
    return _schema(content["schema"])


def _schema(schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    whole = {**schema, "components": {"schemas": _document()["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
