"""What the upload function's HTTP side is made of."""

from botocore.session import Session

from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.supervision import DynamoSupervision
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.request_uploads import RequestUploads
from echoes.application.view_upload import ViewUpload
from echoes.bootstrap.machine import SystemClock, region
from echoes.bootstrap.wishes import wishes
from echoes.http.application import Application
from echoes.http.supervised import SupervisedReads
from echoes.http.uploads import upload_routes
from echoes.settings import AuditTable, Browsers, PhotosBucket, StudioTable


def application() -> Application:
    """Return the upload function's routes on the real services."""
    clock, session, connection = SystemClock(), Session(), connect()
    studio = StudioTable.from_environ().name
    uploads = DynamoUploads(studio, connection)
    photos = S3MediaStore(PhotosBucket.from_environ().name, s3_client(region(), session))
    return Application(
        upload_routes(
            request_uploads=RequestUploads(uploads=uploads, photos=photos, clock=clock),
            view_upload=ViewUpload(uploads=uploads, photos=photos, clock=clock),
            reads=SupervisedReads(
                supervision=DynamoSupervision(studio, AuditTable.from_environ().name, connection),
                clock=clock,
            ),
            wishes=wishes(session),
        ),
        origins=Browsers.from_environ().allowed_origins,
    )
