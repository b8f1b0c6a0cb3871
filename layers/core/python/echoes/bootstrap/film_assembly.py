"""Wiring shared by the tasks that encode films."""

from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.adapters.s3.ranges import S3RangedMedia
from echoes.adapters.video.assembly.film_renderer import PyAvFilmRenderer
from echoes.application.films.assemble_film import AssembleFilm
from echoes.bootstrap.runtime import SystemClock, region
from echoes.settings import ClipsBucket, RecordsTable


def assemble_film() -> AssembleFilm:
    """Return the use case wired to the real services."""
    bucket, client = ClipsBucket.from_environ().name, s3_client(region())
    return AssembleFilm(
        films=DynamoFilms(RecordsTable.from_environ().name, connect()),
        renderer=PyAvFilmRenderer(S3RangedMedia(bucket, client), S3MediaStore(bucket, client)),
        clock=SystemClock(),
    )
