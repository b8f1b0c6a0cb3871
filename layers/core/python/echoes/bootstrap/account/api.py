"""Wiring of the account function."""

from botocore.session import Session

from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.credits.show_credits import ShowCredits
from echoes.application.credits.show_transactions import ShowTransactions
from echoes.application.music.list_music import ListMusic
from echoes.application.rewards.claim_referral import ClaimReferral, ShowReferrals
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.referrals import RewardTools
from echoes.bootstrap.runtime import SystemClock, region
from echoes.bootstrap.signing import cursor_keys, guest_tokens, signing_secret
from echoes.http.accounts.guests import guest_routes
from echoes.http.application import Application
from echoes.http.catalogue.routes import catalogue_routes
from echoes.http.credits.routes import credit_routes
from echoes.http.cursors import Cursors
from echoes.http.music.routes import music_routes
from echoes.http.referrals.routes import referral_routes
from echoes.settings import Browsers, ClipsBucket, Providers


def application() -> Application:
    """Return the account function's routes wired to the real services."""
    session, clock, tools = Session(), SystemClock(), RewardTools.from_environ()
    secret, granted = signing_secret(session), idempotency(session)
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
                show_credits=ShowCredits(ledger=tools.ledger),
                show_transactions=ShowTransactions(ledger=tools.ledger),
                cursors=Cursors(keys=cursor_keys(secret)),
            ),
            *guest_routes(issue=guest_tokens(secret).issue, clock=clock, idempotency=granted),
            *referral_routes(
                show_referrals=ShowReferrals(rewards=tools.rewards, codes=tools.codes),
                claim_referral=ClaimReferral(
                    rewards=tools.rewards,
                    codes=tools.codes,
                    first_purchase=tools.first_purchase,
                    clock=clock,
                ),
                idempotency=granted,
            ),
        ],
        origins=Browsers.from_environ().allowed_origins,
    )
