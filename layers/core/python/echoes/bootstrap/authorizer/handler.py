"""Wiring of the authorizer."""

from echoes.adapters.tokens.guests import GuestTokens
from echoes.adapters.tokens.key_sets import KeySet
from echoes.adapters.tokens.users import UserTokens
from echoes.adapters.tokens.verification import TokenVerifier
from echoes.bootstrap.signing import guest_keys, signing_secret_of_guests
from echoes.settings import UserPool


def verifier() -> TokenVerifier:
    """Return what verifies the tokens of our user pool and our guests."""
    pool = UserPool.from_environ()
    return TokenVerifier(
        users=UserTokens(issuer=pool.issuer, client_id=pool.client_id, keys=KeySet(pool.jwks_url)),
        guests=GuestTokens(keys=guest_keys(signing_secret_of_guests())),
    )
