"""Wiring of the sweep of films, batches and deleted projects."""

from collections.abc import Callable
from functools import partial

from botocore.session import Session

from echoes.adapters.dynamodb.clips.batches import DynamoBatches
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.adapters.stepfunctions.assembly import StepFunctionsAssembly
from echoes.adapters.stepfunctions.workflow import StepFunctionsWorkflow, stepfunctions_client
from echoes.application.clips.delete_clip import DeleteClip
from echoes.application.films.settle_film import SettleFilm
from echoes.application.films.sweep_films import SweepFilms
from echoes.application.projects.sweep_projects import SweepProjects
from echoes.bootstrap.batches import order_clips
from echoes.bootstrap.ledger import LedgerAndClips
from echoes.bootstrap.runtime import SystemClock, region
from echoes.observability import logger
from echoes.settings import Assembly, ClipsBucket, ProviderChoice, Workflow
from echoes.tasks.projects import sweep


def build() -> Callable[[], dict[str, int]]:
    """Return the handler of one sweep."""
    kept, clock, session = LedgerAndClips.from_environ(), SystemClock(), Session()
    records, connection = kept.records_table, kept.connection
    projects, films = DynamoProjects(records, connection), DynamoFilms(records, connection)
    batches = DynamoBatches(records, connection)
    settle_film = SettleFilm(films=films, clock=clock)
    media = S3MediaStore(ClipsBucket.from_environ().name, s3_client(region(), session))
    return partial(
        sweep,
        sweep_films=SweepFilms(
            films=films,
            workflow=StepFunctionsAssembly(
                stepfunctions_client(region(), session), Assembly.from_environ().state_machine_arn
            ),
            settle_film=settle_film,
            clock=clock,
        ),
        sweep_projects=SweepProjects(
            projects=projects,
            batches=batches,
            order_clips=order_clips(
                ledger=kept.ledger,
                clips=kept.clips,
                uploads=DynamoUploads(records, connection),
                projects=projects,
                batches=batches,
                workflow=StepFunctionsWorkflow(
                    stepfunctions_client(region()),
                    Workflow.from_environ().state_machine_arn,
                    correlation_id=logger.get_correlation_id,
                ),
                clock=clock,
                provider=ProviderChoice.from_environ().default,
            ),
            delete_clip=DeleteClip(clips=kept.clips, projects=projects, media=media, clock=clock),
            films=films,
            settle_film=settle_film,
            media=media,
            clock=clock,
        ),
    )
