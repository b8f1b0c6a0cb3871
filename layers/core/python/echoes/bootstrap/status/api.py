"""Wiring of the status function. It is the busiest, so it imports least."""

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.clips.reader import DynamoClipReader
from echoes.adapters.dynamodb.connection import connect, credentials_of
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.s3.links import S3Links
from echoes.application.clips.view_clip import ViewClip
from echoes.application.films.view_film import ViewFilm
from echoes.application.ports.access_audit import AccessAudit
from echoes.application.ports.clips import ClipReader
from echoes.application.ports.clock import Clock
from echoes.application.ports.films import Films
from echoes.application.ports.media import MediaLinks
from echoes.bootstrap.application import serve
from echoes.bootstrap.runtime import SystemClock, region
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.clips.status import ClipStatusRoutes
from echoes.http.contract.route import Routes
from echoes.http.films.status import FilmStatusRoutes
from echoes.settings import AuditTable, ClipsBucket, RecordsTable


def application() -> Application:
    """Return the status function on the real services."""
    connection, records = connect(), RecordsTable.from_environ().name
    return serve(
        routes(
            clips=DynamoClipReader(records, connection),
            films=DynamoFilms(records, connection),
            media=S3Links(ClipsBucket.from_environ().name, region(), credentials_of(connection)),
            access_audit=DynamoAccessAudit(records, AuditTable.from_environ().name, connection),
            clock=SystemClock(),
        )
    )


def routes(
    *, clips: ClipReader, films: Films, media: MediaLinks, access_audit: AccessAudit, clock: Clock
) -> list[Routes]:
    """Return the routes that pages ask every five seconds."""
    reads = AuditedReads(access_audit=access_audit, clock=clock)
    return [
        ClipStatusRoutes(view=ViewClip(clips=clips, media=media), reads=reads),
        FilmStatusRoutes(view=ViewFilm(films=films, media=media), reads=reads),
    ]
