"""
What Stripe signs with, as Secrets Manager has it: one secret a line.

Without boto3, which Powertools' provider would import: Stripe waits for cold starts too.
"""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Final, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from echoes.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MAX_AGE_SECONDS: Final = 300
"""A rolled secret is in use everywhere five minutes later."""


class SigningSecrets:
    """Gives the present secrets; asks for them again every five minutes."""

    def __init__(
        self,
        secret_arn: str,
        client: "SecretsManagerClient",
        *,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self._arn = secret_arn
        self._client = client
        self._time = time
        self._known: tuple[float, tuple[str, ...]] | None = None

    def __call__(self) -> Sequence[str]:
        """Return the secrets. Raises `Unavailable`; Stripe then retries."""
        if self._known is None or self._time() >= self._known[0]:
            try:
                found = self._client.get_secret_value(SecretId=self._arn)
            except (BotoCoreError, ClientError) as error:
                raise Unavailable("the signing secrets could not be read") from error
            until = self._time() + MAX_AGE_SECONDS
            self._known = (until, tuple(found["SecretString"].split()))
        return self._known[1]


def secrets_client(region: str, session: Session) -> "SecretsManagerClient":
    """Return a client for Secrets Manager in *region*, made from the process's *session*."""
    client = session.create_client(
        "secretsmanager",
        region_name=region,
        config=Config(
            connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 3, "mode": "standard"}
        ),
    )
    return cast("SecretsManagerClient", client)
