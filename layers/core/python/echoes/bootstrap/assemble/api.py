"""Wiring of the function that accepts film orders."""

from botocore.session import Session

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.connection import credentials_of
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.dynamodb.music_uploads import DynamoMusicUploads
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.adapters.s3.links import S3Links
from echoes.adapters.stepfunctions.assembly import StepFunctionsAssembly
from echoes.adapters.stepfunctions.workflow import stepfunctions_client
from echoes.application.films.cancel_film import CancelFilm
from echoes.application.films.create_film_download_link import CreateFilmDownloadLink
from echoes.application.films.order_film import OrderFilm
from echoes.application.music.choose_music import ChooseMusic
from echoes.application.ports.access_audit import AccessAudit
from echoes.application.ports.clips import Clips
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.ports.films import AssemblyWorkflow, Films, FilmsInProgress
from echoes.application.ports.media import MediaLinks
from echoes.application.ports.music import MusicUploads
from echoes.application.ports.projects import Projects
from echoes.bootstrap.application import serve
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.ledger import LedgerAndClips
from echoes.bootstrap.runtime import SystemClock, region
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.contract.route import Routes
from echoes.http.films.routes import FilmRoutes
from echoes.http.idempotency import Idempotency
from echoes.observability import logger
from echoes.settings import Assembly, AuditTable, ClipsBucket


def application() -> Application:
    """Return the function on the real services."""
    session, kept = Session(), LedgerAndClips.from_environ()
    records, connection = kept.records_table, kept.connection
    films = DynamoFilms(records, connection)
    return serve(
        routes(
            ledger=kept.ledger,
            clips=kept.clips,
            projects=DynamoProjects(records, connection),
            films=films,
            films_in_progress=films,
            music=DynamoMusicUploads(records, connection),
            media=S3Links(ClipsBucket.from_environ().name, region(), credentials_of(connection)),
            assembly=StepFunctionsAssembly(
                stepfunctions_client(region(), session),
                Assembly.from_environ().state_machine_arn,
                correlation_id=logger.get_correlation_id,
            ),
            access_audit=DynamoAccessAudit(records, AuditTable.from_environ().name, connection),
            idempotency=idempotency(connection),
            clock=SystemClock(),
        )
    )


def routes(
    *,
    ledger: Ledger,
    clips: Clips,
    projects: Projects,
    films: Films,
    films_in_progress: FilmsInProgress,
    music: MusicUploads,
    media: MediaLinks,
    assembly: AssemblyWorkflow,
    access_audit: AccessAudit,
    idempotency: Idempotency,
    clock: Clock,
) -> list[Routes]:
    """Return the routes that order films."""
    return [
        FilmRoutes(
            order=OrderFilm(
                projects=projects,
                clips=clips,
                films=films,
                films_in_progress=films_in_progress,
                ledger=ledger,
                choose_music=ChooseMusic(music=music),
                workflow=assembly,
                clock=clock,
            ),
            cancel=CancelFilm(films=films, clock=clock),
            link=CreateFilmDownloadLink(
                projects=projects,
                films=films,
                clips=clips,
                ledger=ledger,
                media=media,
                clock=clock,
            ),
            reads=AuditedReads(access_audit=access_audit, clock=clock),
            idempotency=idempotency,
        )
    ]
