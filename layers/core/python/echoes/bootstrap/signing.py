"""The signing secret and everything signed with it."""

from botocore.session import Session

from echoes.adapters.tokens.guests import GuestTokens
from echoes.adapters.tokens.secrets import RotatingSecret, SigningKeys, secrets_client
from echoes.bootstrap.runtime import region
from echoes.settings import Signing


def signing_secret(session: Session) -> RotatingSecret:
    """Return the secret, which is read at the first use and then every five minutes."""
    return RotatingSecret(Signing.from_environ().secret_arn, secrets_client(region(), session))


def guest_tokens(secret: RotatingSecret) -> GuestTokens:
    """Return what issues and verifies guest tokens."""
    return GuestTokens(keys=SigningKeys(secrets=secret, purpose="guests"))


def quote_keys(secret: RotatingSecret) -> SigningKeys:
    """Return the keys of quotes."""
    return SigningKeys(secrets=secret, purpose="quotes")


def cursor_keys(secret: RotatingSecret) -> SigningKeys:
    """Return the keys of list cursors."""
    return SigningKeys(secrets=secret, purpose="cursors")
