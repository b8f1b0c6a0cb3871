"""What the account function is made of."""

from botocore.session import Session

from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.ledger import DynamoLedger
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.list_music import ListMusic
from echoes.application.show_credits import ShowCredits
from echoes.application.show_transactions import ShowTransactions
from echoes.bootstrap.machine import SystemClock, region
from echoes.bootstrap.signing import cursor_keys, guest_tokens, signing_secret
from echoes.bootstrap.wishes import wishes
from echoes.http.application import Application
from echoes.http.catalogue_routes import catalogue_routes
from echoes.http.credits import credit_routes
from echoes.http.cursors import Cursors
from echoes.http.guests import guest_routes
from echoes.http.music import music_routes
from echoes.settings import Browsers, ClipsBucket, LedgerTables, Providers


def application() -> Application:
    """Return the account function's routes on the real services."""
    session, tables = Session(), LedgerTables.from_environ()
    secret = signing_secret(session)
    ledger = DynamoLedger(
        entries_table=tables.entries, state_table=tables.state, connection=connect()
    )
    return Application(
        [
            *catalogue_routes(free_clips=Providers.from_environ().free_clips),
            *music_routes(
                list_music=ListMusic(
                    media=S3MediaStore(
                        ClipsBucket.from_environ().name, s3_client(region(), session)
                    )
                )
            ),
            *credit_routes(
                show_credits=ShowCredits(ledger=ledger),
                show_transactions=ShowTransactions(ledger=ledger),
                cursors=Cursors(keys=cursor_keys(secret)),
            ),
            *guest_routes(
                issue=guest_tokens(secret).issue, clock=SystemClock(), wishes=wishes(session)
            ),
        ],
        origins=Browsers.from_environ().allowed_origins,
    )
