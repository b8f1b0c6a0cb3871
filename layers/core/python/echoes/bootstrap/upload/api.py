"""Wiring of the upload function's HTTP side."""

from botocore.session import Session

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.music_uploads import DynamoMusicUploads
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.music.delete_music import DeleteMusic
from echoes.application.music.request_music_upload import RequestMusicUpload
from echoes.application.music.view_music import ViewMusic
from echoes.application.ports.access_audit import AccessAudit
from echoes.application.ports.clock import Clock
from echoes.application.ports.media import MediaStore
from echoes.application.ports.music import MusicUploads
from echoes.application.ports.uploads import Uploads
from echoes.application.uploads.request_uploads import RequestUploads
from echoes.application.uploads.view_upload import ViewUpload
from echoes.bootstrap.application import serve
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.runtime import SystemClock, import_for_snapshot, region
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.contract.route import Routes
from echoes.http.idempotency import Idempotency
from echoes.http.music.uploads import MusicUploadRoutes
from echoes.http.uploads.routes import UploadRoutes
from echoes.settings import AuditTable, ClipsBucket, PhotosBucket, RecordsTable


def application() -> Application:
    """Return the upload function on the real services."""
    import_for_snapshot("echoes.http.uploads.schemas", "echoes.http.music.schemas")
    session, connection = Session(), connect()
    records, client = RecordsTable.from_environ().name, s3_client(region(), session)
    return serve(
        routes(
            uploads=DynamoUploads(records, connection),
            music=DynamoMusicUploads(records, connection),
            arrivals=S3MediaStore(PhotosBucket.from_environ().name, client),
            media=S3MediaStore(ClipsBucket.from_environ().name, client),
            access_audit=DynamoAccessAudit(records, AuditTable.from_environ().name, connection),
            idempotency=idempotency(connection),
            clock=SystemClock(),
        )
    )


def routes(
    *,
    uploads: Uploads,
    music: MusicUploads,
    arrivals: MediaStore,
    media: MediaStore,
    access_audit: AccessAudit,
    idempotency: Idempotency,
    clock: Clock,
) -> list[Routes]:
    """Return the routes of uploads: files are sent to *arrivals*, and made music is in *media*."""
    reads = AuditedReads(access_audit=access_audit, clock=clock)
    return [
        UploadRoutes(
            request_uploads=RequestUploads(uploads=uploads, photos=arrivals, clock=clock),
            view_upload=ViewUpload(uploads=uploads, photos=arrivals, clock=clock),
            reads=reads,
            idempotency=idempotency,
        ),
        MusicUploadRoutes(
            request_music=RequestMusicUpload(music=music, arrivals=arrivals, clock=clock),
            view_music=ViewMusic(music=music, media=media, clock=clock),
            delete_music=DeleteMusic(music=music, arrivals=arrivals, media=media, clock=clock),
            reads=reads,
            idempotency=idempotency,
        ),
    ]
