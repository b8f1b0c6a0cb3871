"""Wiring of the projects function."""

from botocore.session import Session

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.dynamodb.music_uploads import DynamoMusicUploads
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.music.choose_music import ChooseMusic
from echoes.application.projects.create_project import CreateProject
from echoes.application.projects.edit_project import EditProject
from echoes.application.projects.view_project import ViewProject
from echoes.application.stories.plan_story import PlanStory
from echoes.bootstrap.batches import order_clips
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.ledger import LedgerAndClips
from echoes.bootstrap.runtime import SystemClock, region
from echoes.bootstrap.signing import cursor_keys, quote_keys, signing_secret
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.clips.quotes import QuoteSeals
from echoes.http.cursors import Cursors
from echoes.http.projects.routes import project_routes
from echoes.http.stories.routes import story_routes
from echoes.settings import AuditTable, Browsers, ClipsBucket


def application() -> Application:
    """Return the projects function's routes wired to the real services."""
    clock, session, kept = SystemClock(), Session(), LedgerAndClips.from_environ()
    projects = DynamoProjects(kept.records_table, kept.connection)
    secret = signing_secret(session)
    audit = AuditTable.from_environ().name
    return Application(
        story_routes(
            plan_story=PlanStory(
                uploads=DynamoUploads(kept.records_table, kept.connection),
                choose_music=ChooseMusic(
                    music=DynamoMusicUploads(kept.records_table, kept.connection)
                ),
                clock=clock,
            )
        )
        + project_routes(
            create_project=CreateProject(projects=projects, clock=clock),
            edit_project=EditProject(projects=projects, clips=kept.clips, clock=clock),
            view_project=ViewProject(
                projects=projects,
                clips=kept.clips,
                films=DynamoFilms(kept.records_table, kept.connection),
                media=S3MediaStore(ClipsBucket.from_environ().name, s3_client(region(), session)),
            ),
            order_clips=order_clips(kept, clock),
            reads=AuditedReads(
                access_audit=DynamoAccessAudit(kept.records_table, audit, kept.connection),
                clock=clock,
            ),
            idempotency=idempotency(session),
            cursors=Cursors(keys=cursor_keys(secret)),
            seals=QuoteSeals(keys=quote_keys(secret)),
        ),
        origins=Browsers.from_environ().allowed_origins,
    )
