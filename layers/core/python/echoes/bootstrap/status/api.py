"""Wiring of the status function. It is the busiest, so it imports least."""

from botocore.session import Session

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.clips import DynamoClips
from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.clips.view_clip import ViewClip
from echoes.application.films.view_film import ViewFilm
from echoes.bootstrap.runtime import SystemClock, region
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.clips.status import clip_status_routes
from echoes.http.films.status import film_status_routes
from echoes.settings import AuditTable, Browsers, ClipsBucket, RecordsTable


def application() -> Application:
    """Return the status function's routes wired to the real services."""
    connection = connect()
    records = RecordsTable.from_environ().name
    media = S3MediaStore(ClipsBucket.from_environ().name, s3_client(region(), Session()))
    reads = AuditedReads(
        access_audit=DynamoAccessAudit(records, AuditTable.from_environ().name, connection),
        clock=SystemClock(),
    )
    return Application(
        [
            *clip_status_routes(
                view_clip=ViewClip(clips=DynamoClips(records, connection), media=media),
                reads=reads,
            ),
            *film_status_routes(
                view_film=ViewFilm(films=DynamoFilms(records, connection), media=media),
                reads=reads,
            ),
        ],
        origins=Browsers.from_environ().allowed_origins,
    )
