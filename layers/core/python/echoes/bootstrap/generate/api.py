"""Wiring of the generate function's HTTP side."""

from collections.abc import Callable
from functools import partial

from botocore.session import Session

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.connection import connect, credentials_of
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.s3.links import S3Links
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.adapters.stepfunctions.workflow import StepFunctionsWorkflow, stepfunctions_client
from echoes.application.clips.cancel_clip import CancelClip
from echoes.application.clips.create_clip_download_link import CreateClipDownloadLink
from echoes.application.clips.delete_clip import DeleteClip
from echoes.application.clips.order_clip import OrderClip
from echoes.application.clips.quote_clips import QuoteClips
from echoes.application.clips.regenerate_clip import RegenerateClip
from echoes.application.generation.begin_attempt import BeginAttempt
from echoes.application.generation.settle_clip import SettleClip
from echoes.application.ports.access_audit import AccessAudit
from echoes.application.ports.clips import Clips, GenerationWorkflow
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.ports.media import MediaLinks, MediaStore
from echoes.application.ports.projects import Projects
from echoes.application.ports.uploads import Uploads
from echoes.bootstrap.application import serve
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.runtime import SystemClock, import_for_snapshot, region
from echoes.bootstrap.signing import Secrets, quote_keys, signing_secret
from echoes.domain.clips.drift import Drift
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.clips.quotes import QuoteRoutes, QuoteSeals
from echoes.http.clips.routes import ClipRoutes
from echoes.http.contract.route import Routes
from echoes.http.idempotency import Idempotency
from echoes.observability import logger
from echoes.settings import (
    AuditTable,
    ClipsBucket,
    LedgerTables,
    ProviderChoice,
    RecordsTable,
    Workflow,
)
from echoes.tasks.metrics import log_drift


def application() -> Application:
    """Return the generate function on the real services."""
    import_for_snapshot("echoes.http.clips.schemas")
    session, connection = Session(), connect()
    records, tables = RecordsTable.from_environ().name, LedgerTables.from_environ()
    providers, clips_bucket = ProviderChoice.from_environ(), ClipsBucket.from_environ().name
    return serve(
        routes(
            ledger=DynamoLedger(
                entries_table=tables.entries,
                state_table=tables.state,
                connection=connection,
                records_table=records,
            ),
            clips=DynamoClips(records, connection),
            uploads=DynamoUploads(records, connection),
            projects=DynamoProjects(records, connection),
            links=S3Links(clips_bucket, region(), credentials_of(connection)),
            # Few people delete clips, and only that needs a client.
            media=S3MediaStore(clips_bucket, partial(s3_client, region(), session)),
            workflow=StepFunctionsWorkflow(
                stepfunctions_client(region(), session),
                Workflow.from_environ().state_machine_arn,
                correlation_id=logger.get_correlation_id,
            ),
            access_audit=DynamoAccessAudit(records, AuditTable.from_environ().name, connection),
            idempotency=idempotency(connection),
            secrets=signing_secret(session),
            clock=SystemClock(),
            provider=providers.default,
            free_clips=providers.free_clips,
            log_drift=log_drift,
        )
    )


def routes(
    *,
    ledger: Ledger,
    clips: Clips,
    uploads: Uploads,
    projects: Projects,
    links: MediaLinks,
    media: MediaStore,
    workflow: GenerationWorkflow,
    access_audit: AccessAudit,
    idempotency: Idempotency,
    secrets: Secrets,
    clock: Clock,
    provider: str,
    free_clips: bool,
    log_drift: Callable[[Drift], None],
) -> list[Routes]:
    """Return the routes that quote, order and change clips."""
    begin_attempt = BeginAttempt(ledger=ledger, clips=clips, workflow=workflow, clock=clock)
    seals = QuoteSeals(keys=quote_keys(secrets))
    return [
        QuoteRoutes(quote=QuoteClips(ledger=ledger, clock=clock), seals=seals),
        ClipRoutes(
            order=OrderClip(
                begin_attempt=begin_attempt,
                clips=clips,
                uploads=uploads,
                projects=projects,
                clock=clock,
                provider=provider,
                free_clips=free_clips,
                log_drift=log_drift,
            ),
            regenerate=RegenerateClip(
                begin_attempt=begin_attempt,
                clips=clips,
                clock=clock,
                provider=provider,
                free_clips=free_clips,
            ),
            cancel=CancelClip(
                clips=clips,
                settle_clip=SettleClip(ledger=ledger, clips=clips, clock=clock),
                clock=clock,
            ),
            link=CreateClipDownloadLink(clips=clips, media=links, clock=clock),
            delete=DeleteClip(clips=clips, projects=projects, media=media, clock=clock),
            reads=AuditedReads(access_audit=access_audit, clock=clock),
            idempotency=idempotency,
            seals=seals,
        ),
    ]
