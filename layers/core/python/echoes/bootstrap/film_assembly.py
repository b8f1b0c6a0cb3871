"""Wiring shared by the tasks that plan, render and join films."""

from dataclasses import dataclass

from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.adapters.s3.ranges import S3RangedMedia
from echoes.application.films.running_films import RunningFilms
from echoes.bootstrap.runtime import SystemClock, region
from echoes.settings import ClipsBucket, RecordsTable


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyTools:
    """The films that run, and the clips bucket, whole and by range."""

    films: RunningFilms
    media: S3MediaStore
    ranged: S3RangedMedia

    @classmethod
    def from_environ(cls) -> "AssemblyTools":
        """Return the tools wired to the real services."""
        bucket, client = ClipsBucket.from_environ().name, s3_client(region())
        return cls(
            films=RunningFilms(
                films=DynamoFilms(RecordsTable.from_environ().name, connect()), clock=SystemClock()
            ),
            media=S3MediaStore(bucket, client),
            ranged=S3RangedMedia(bucket, client),
        )
