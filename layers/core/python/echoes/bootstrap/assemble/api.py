"""Wiring of the function that accepts film orders."""

from botocore.session import Session

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.dynamodb.music_uploads import DynamoMusicUploads
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.adapters.stepfunctions.assembly import StepFunctionsAssembly
from echoes.adapters.stepfunctions.workflow import stepfunctions_client
from echoes.application.films.cancel_film import CancelFilm
from echoes.application.films.create_film_download_link import CreateFilmDownloadLink
from echoes.application.films.order_film import OrderFilm
from echoes.application.music.choose_music import ChooseMusic
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.ledger import LedgerAndClips
from echoes.bootstrap.runtime import SystemClock, region
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.films.routes import film_routes
from echoes.observability import logger
from echoes.settings import Assembly, AuditTable, Browsers, ClipsBucket


def application() -> Application:
    """Return the function's routes wired to the real services."""
    clock, session, kept = SystemClock(), Session(), LedgerAndClips.from_environ()
    films = DynamoFilms(kept.records_table, kept.connection)
    projects = DynamoProjects(kept.records_table, kept.connection)
    audit = AuditTable.from_environ().name
    return Application(
        film_routes(
            order_film=OrderFilm(
                projects=projects,
                clips=kept.clips,
                films=films,
                films_in_progress=films,
                ledger=kept.ledger,
                choose_music=ChooseMusic(
                    music=DynamoMusicUploads(kept.records_table, kept.connection)
                ),
                workflow=StepFunctionsAssembly(
                    stepfunctions_client(region(), session),
                    Assembly.from_environ().state_machine_arn,
                    correlation_id=logger.get_correlation_id,
                ),
                clock=clock,
            ),
            cancel_film=CancelFilm(films=films, clock=clock),
            create_film_download_link=CreateFilmDownloadLink(
                projects=projects,
                films=films,
                clips=kept.clips,
                ledger=kept.ledger,
                media=S3MediaStore(ClipsBucket.from_environ().name, s3_client(region(), session)),
                clock=clock,
            ),
            reads=AuditedReads(
                access_audit=DynamoAccessAudit(kept.records_table, audit, kept.connection),
                clock=clock,
            ),
            idempotency=idempotency(session),
        ),
        origins=Browsers.from_environ().allowed_origins,
    )
