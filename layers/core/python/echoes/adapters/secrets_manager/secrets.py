"""
Secrets as Secrets Manager has them, remembered for five minutes.

With botocore alone: Powertools' provider would import boto3, and cold starts wait for that.
"""

from collections.abc import Callable
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING, Final, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from echoes.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MAX_AGE_SECONDS: Final = 300
"""A replaced secret is in use everywhere five minutes later."""


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


class Secret:
    """One secret: its present version, or the one at *stage*. Calling it returns the text."""

    def __init__(
        self,
        secret_arn: str,
        client: "SecretsManagerClient | Callable[[], SecretsManagerClient]",
        *,
        stage: str | None = None,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self._arn = secret_arn
        self._given = client
        self._version = {"VersionStage": stage} if stage else {}
        self._time = time
        self._known: tuple[float, str] | None = None

    @cached_property
    def _client(self) -> "SecretsManagerClient":
        """Make the client at its first use, if only the way to make one was given."""
        return self._given() if callable(self._given) else self._given

    def __call__(self) -> str:
        """Return the secret. Raises `Unavailable`, with what AWS said as the cause."""
        if self._known is None or self._time() >= self._known[0]:
            try:
                found = self._client.get_secret_value(SecretId=self._arn, **self._version)
            except (BotoCoreError, ClientError) as error:
                raise Unavailable("a secret could not be read") from error
            text = found.get("SecretString") or found["SecretBinary"].decode()
            self._known = (self._time() + MAX_AGE_SECONDS, text)
        return self._known[1]
