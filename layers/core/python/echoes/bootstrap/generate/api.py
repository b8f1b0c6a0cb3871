"""Wiring of the generate function's HTTP side."""

from botocore.session import Session

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.clips import DynamoClips
from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.adapters.stepfunctions.workflow import StepFunctionsWorkflow, stepfunctions_client
from echoes.application.clips.begin_attempt import BeginAttempt
from echoes.application.clips.cancel_clip import CancelClip
from echoes.application.clips.create_clip_download_link import CreateClipDownloadLink
from echoes.application.clips.delete_clip import DeleteClip
from echoes.application.clips.order_clip import OrderClip
from echoes.application.clips.quote_clips import QuoteClips
from echoes.application.clips.regenerate_clip import RegenerateClip
from echoes.application.clips.settle_clip import SettleClip
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.runtime import SystemClock, region
from echoes.bootstrap.signing import quote_keys, signing_secret
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.clips.quotes import QuoteSeals, quote_routes
from echoes.http.clips.routes import clip_routes
from echoes.observability import logger
from echoes.settings import (
    AuditTable,
    Browsers,
    ClipsBucket,
    LedgerTables,
    Providers,
    RecordsTable,
    Workflow,
)
from echoes.tasks.metrics import log_drift


def application() -> Application:
    """Return the generate function's routes wired to the real services."""
    clock, session, connection = SystemClock(), Session(), connect()
    records, tables = RecordsTable.from_environ().name, LedgerTables.from_environ()
    providers = Providers.from_environ()
    clips = DynamoClips(records, connection)
    media = S3MediaStore(ClipsBucket.from_environ().name, s3_client(region(), session))
    ledger = DynamoLedger(
        entries_table=tables.entries,
        state_table=tables.state,
        connection=connection,
        records_table=records,
    )
    begin_attempt = BeginAttempt(
        ledger=ledger,
        clips=clips,
        workflow=StepFunctionsWorkflow(
            stepfunctions_client(region(), session),
            Workflow.from_environ().state_machine_arn,
            correlation_id=logger.get_correlation_id,
        ),
        clock=clock,
    )
    projects = DynamoProjects(records, connection)
    quotes = QuoteSeals(keys=quote_keys(signing_secret(session)))
    return Application(
        [
            *quote_routes(quote_clips=QuoteClips(ledger=ledger, clock=clock), seals=quotes),
            *clip_routes(
                order_clip=OrderClip(
                    begin_attempt=begin_attempt,
                    clips=clips,
                    uploads=DynamoUploads(records, connection),
                    projects=projects,
                    clock=clock,
                    provider=providers.default,
                    free_clips=providers.free_clips,
                    log_drift=log_drift,
                ),
                regenerate_clip=RegenerateClip(
                    begin_attempt=begin_attempt,
                    clips=clips,
                    clock=clock,
                    provider=providers.default,
                    free_clips=providers.free_clips,
                ),
                cancel_clip=CancelClip(
                    clips=clips,
                    settle_clip=SettleClip(ledger=ledger, clips=clips, clock=clock),
                    clock=clock,
                ),
                create_clip_download_link=CreateClipDownloadLink(
                    clips=clips, media=media, clock=clock
                ),
                delete_clip=DeleteClip(clips=clips, projects=projects, media=media, clock=clock),
                reads=AuditedReads(
                    access_audit=DynamoAccessAudit(
                        records, AuditTable.from_environ().name, connection
                    ),
                    clock=clock,
                ),
                idempotency=idempotency(session),
                seals=quotes,
            ),
        ],
        origins=Browsers.from_environ().allowed_origins,
    )
