"""Wiring of the account function."""

from botocore.session import Session

from echoes.adapters.dynamodb.connection import credentials_of
from echoes.adapters.s3.links import S3Links
from echoes.adapters.tokens.guests import GuestTokens
from echoes.application.credits.show_credits import ShowCredits
from echoes.application.credits.show_transactions import ShowTransactions
from echoes.application.music.list_music import ListMusic
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.ports.media import MediaLinks
from echoes.application.ports.rewards import InvitationCodes, Rewards
from echoes.application.rewards.claim_referral import ClaimReferral, ShowReferrals
from echoes.application.rewards.review_referral import FindFirstPurchase
from echoes.bootstrap.application import serve
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.referrals import RewardTools
from echoes.bootstrap.runtime import SystemClock, import_for_snapshot, region
from echoes.bootstrap.signing import Secrets, cursor_keys, guest_keys, signing_secret
from echoes.http.accounts.guests import GuestRoutes
from echoes.http.application import Application
from echoes.http.catalogue.routes import CatalogueRoutes
from echoes.http.contract.route import Routes
from echoes.http.credits.routes import CreditRoutes
from echoes.http.idempotency import Idempotency
from echoes.http.music.routes import MusicRoutes
from echoes.http.pages import Cursors
from echoes.http.referrals.routes import ReferralRoutes
from echoes.settings import ClipsBucket, ProviderChoice


def application() -> Application:
    """Return the account function on the real services."""
    import_for_snapshot("echoes.http.referrals.schemas")
    session, tools = Session(), RewardTools.from_environ()
    return serve(
        routes(
            ledger=tools.ledger,
            rewards=tools.rewards,
            codes=tools.codes,
            first_purchase=tools.first_purchase,
            media=S3Links(
                ClipsBucket.from_environ().name, region(), credentials_of(tools.connection)
            ),
            idempotency=idempotency(tools.connection),
            secrets=signing_secret(session),
            clock=SystemClock(),
            free_clips=ProviderChoice.from_environ().free_clips,
        )
    )


def routes(
    *,
    ledger: Ledger,
    rewards: Rewards,
    codes: InvitationCodes,
    first_purchase: FindFirstPurchase,
    media: MediaLinks,
    idempotency: Idempotency,
    secrets: Secrets,
    clock: Clock,
    free_clips: bool,
) -> list[Routes]:
    """Return the account function's routes."""
    return [
        CatalogueRoutes(free_clips=free_clips),
        MusicRoutes(list_tracks=ListMusic(media=media)),
        CreditRoutes(
            show_credits=ShowCredits(ledger=ledger),
            show_transactions=ShowTransactions(ledger=ledger),
            cursors=Cursors(keys=cursor_keys(secrets)),
        ),
        GuestRoutes(
            issue=GuestTokens(keys=guest_keys(secrets)).issue,
            clock=clock,
            idempotency=idempotency,
        ),
        ReferralRoutes(
            show=ShowReferrals(rewards=rewards, codes=codes),
            claim=ClaimReferral(
                rewards=rewards, codes=codes, first_purchase=first_purchase, clock=clock
            ),
            idempotency=idempotency,
        ),
    ]
