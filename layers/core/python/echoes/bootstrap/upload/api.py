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
from echoes.application.uploads.request_uploads import RequestUploads
from echoes.application.uploads.view_upload import ViewUpload
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.runtime import SystemClock, region
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.music.uploads import music_upload_routes
from echoes.http.uploads.routes import upload_routes
from echoes.settings import AuditTable, Browsers, ClipsBucket, PhotosBucket, RecordsTable


def application() -> Application:
    """Return the upload function's routes wired to the real services."""
    clock, session, connection = SystemClock(), Session(), connect()
    records = RecordsTable.from_environ().name
    uploads = DynamoUploads(records, connection)
    client = s3_client(region(), session)
    photos = S3MediaStore(PhotosBucket.from_environ().name, client)
    clips = S3MediaStore(ClipsBucket.from_environ().name, client)
    music = DynamoMusicUploads(records, connection)
    reads = AuditedReads(
        access_audit=DynamoAccessAudit(records, AuditTable.from_environ().name, connection),
        clock=clock,
    )
    remembered = idempotency(session)
    return Application(
        [
            *upload_routes(
                request_uploads=RequestUploads(uploads=uploads, photos=photos, clock=clock),
                view_upload=ViewUpload(uploads=uploads, photos=photos, clock=clock),
                reads=reads,
                idempotency=remembered,
            ),
            *music_upload_routes(
                request_music=RequestMusicUpload(music=music, arrivals=photos, clock=clock),
                view_music=ViewMusic(music=music, media=clips, clock=clock),
                delete_music=DeleteMusic(music=music, arrivals=photos, media=clips, clock=clock),
                reads=reads,
                idempotency=remembered,
            ),
        ],
        origins=Browsers.from_environ().allowed_origins,
    )
