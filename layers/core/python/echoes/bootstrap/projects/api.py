"""Wiring of the projects function."""

from botocore.session import Session

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.clips.batches import DynamoBatches
from echoes.adapters.dynamodb.connection import credentials_of
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.dynamodb.music_uploads import DynamoMusicUploads
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.s3.links import S3Links
from echoes.adapters.stepfunctions.workflow import StepFunctionsWorkflow, stepfunctions_client
from echoes.application.music.choose_music import ChooseMusic
from echoes.application.ports.access_audit import AccessAudit
from echoes.application.ports.clips import Clips, GenerationWorkflow
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.ports.films import Films
from echoes.application.ports.media import MediaLinks
from echoes.application.ports.music import MusicUploads
from echoes.application.ports.projects import Batches, Projects
from echoes.application.ports.uploads import Uploads
from echoes.application.projects.create_project import CreateProject
from echoes.application.projects.edit_project import EditProject
from echoes.application.projects.view_project import ViewProject
from echoes.application.stories.plan_story import PlanStory
from echoes.bootstrap.application import serve
from echoes.bootstrap.batches import order_clips
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.ledger import LedgerAndClips
from echoes.bootstrap.runtime import SystemClock, import_for_snapshot, region
from echoes.bootstrap.signing import Secrets, cursor_keys, quote_keys, signing_secret
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.clips.quotes import QuoteSeals
from echoes.http.contract.route import Routes
from echoes.http.idempotency import Idempotency
from echoes.http.pages import Cursors
from echoes.http.projects.routes import ProjectRoutes
from echoes.http.stories.routes import StoryRoutes
from echoes.observability import logger
from echoes.settings import AuditTable, ClipsBucket, ProviderChoice, Workflow


def application() -> Application:
    """Return the projects function on the real services."""
    import_for_snapshot("echoes.http.projects.schemas", "echoes.http.stories.schemas")
    session, kept = Session(), LedgerAndClips.from_environ()
    records, connection = kept.records_table, kept.connection
    return serve(
        routes(
            ledger=kept.ledger,
            clips=kept.clips,
            projects=DynamoProjects(records, connection),
            batches=DynamoBatches(records, connection),
            films=DynamoFilms(records, connection),
            uploads=DynamoUploads(records, connection),
            music=DynamoMusicUploads(records, connection),
            media=S3Links(ClipsBucket.from_environ().name, region(), credentials_of(connection)),
            workflow=StepFunctionsWorkflow(
                stepfunctions_client(region()),
                Workflow.from_environ().state_machine_arn,
                correlation_id=logger.get_correlation_id,
            ),
            access_audit=DynamoAccessAudit(records, AuditTable.from_environ().name, connection),
            idempotency=idempotency(connection),
            secrets=signing_secret(session),
            clock=SystemClock(),
            provider=ProviderChoice.from_environ().default,
        )
    )


def routes(
    *,
    ledger: Ledger,
    clips: Clips,
    projects: Projects,
    batches: Batches,
    films: Films,
    uploads: Uploads,
    music: MusicUploads,
    media: MediaLinks,
    workflow: GenerationWorkflow,
    access_audit: AccessAudit,
    idempotency: Idempotency,
    secrets: Secrets,
    clock: Clock,
    provider: str,
) -> list[Routes]:
    """Return the routes of stories and projects."""
    return [
        StoryRoutes(
            plan=PlanStory(uploads=uploads, choose_music=ChooseMusic(music=music), clock=clock)
        ),
        ProjectRoutes(
            create=CreateProject(projects=projects, clock=clock),
            edit=EditProject(projects=projects, clips=clips, clock=clock),
            view=ViewProject(projects=projects, clips=clips, films=films, media=media),
            order_clips=order_clips(
                ledger=ledger,
                clips=clips,
                uploads=uploads,
                projects=projects,
                batches=batches,
                workflow=workflow,
                clock=clock,
                provider=provider,
            ),
            reads=AuditedReads(access_audit=access_audit, clock=clock),
            idempotency=idempotency,
            cursors=Cursors(keys=cursor_keys(secrets)),
            seals=QuoteSeals(keys=quote_keys(secrets)),
        ),
    ]
