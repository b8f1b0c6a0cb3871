"""What looks after batches and deleted projects is made of."""

from collections.abc import Callable
from functools import partial

from botocore.session import Session

from echoes.adapters.dynamodb.batches import DynamoBatches
from echoes.adapters.dynamodb.projects import DynamoProjects
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.delete_clip import DeleteClip
from echoes.application.tidy_projects import TidyProjects
from echoes.bootstrap.batches import order_clips
from echoes.bootstrap.ledger import LedgerAndClips
from echoes.bootstrap.machine import SystemClock, region
from echoes.settings import ClipsBucket
from echoes.tasks.projects import tidy


def build() -> Callable[[], dict[str, int]]:
    """Return what does one round."""
    kept, clock = LedgerAndClips.from_environ(), SystemClock()
    projects = DynamoProjects(kept.studio_table, kept.connection)
    media = S3MediaStore(ClipsBucket.from_environ().name, s3_client(region(), Session()))
    return partial(
        tidy,
        tidy_projects=TidyProjects(
            projects=projects,
            batches=DynamoBatches(kept.studio_table, kept.connection),
            order_clips=order_clips(kept, clock),
            delete_clip=DeleteClip(clips=kept.clips, projects=projects, media=media, clock=clock),
            media=media,
            clock=clock,
        ),
    )
