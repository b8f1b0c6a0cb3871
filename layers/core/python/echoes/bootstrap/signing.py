"""The signing secret and everything signed with it."""

from collections.abc import Callable, Sequence

from botocore.session import Session

from echoes.adapters.secrets_manager.secrets import secrets_client
from echoes.adapters.tokens.secrets import RotatingSecret, SigningKeys
from echoes.bootstrap.runtime import at_first_use, region
from echoes.settings import Signing

Secrets = Callable[[], Sequence[str]]
"""Returns the secret's versions, the present one first."""


def signing_secret(session: Session) -> Secrets:
    """Return the secret, which is read at the first use and then every five minutes."""
    return RotatingSecret(Signing.from_environ().secret_arn, secrets_client(region(), session))


def signing_secret_of_guests() -> Secrets:
    """
    Return the secret for who verifies tokens; the client for it is made with a guest's first.

    Users' tokens are verified with the public keys of the pool, and need no secret of ours.
    """
    client = at_first_use(lambda: secrets_client(region(), Session()))
    return RotatingSecret(Signing.from_environ().secret_arn, client)


def guest_keys(secrets: Secrets) -> SigningKeys:
    """Return the keys of guest tokens."""
    return SigningKeys(secrets=secrets, purpose="guests")


def quote_keys(secrets: Secrets) -> SigningKeys:
    """Return the keys of quotes."""
    return SigningKeys(secrets=secrets, purpose="quotes")


def cursor_keys(secrets: Secrets) -> SigningKeys:
    """Return the keys of list cursors."""
    return SigningKeys(secrets=secrets, purpose="cursors")
