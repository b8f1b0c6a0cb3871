"""
The signing secret, kept in Secrets Manager, and the keys derived from it.

One secret, one key a purpose: a key that leaks in one place opens nothing in another. While the
secret is being rotated, what the previous one signed is still accepted.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final, cast

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from echoes.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MAX_AGE_SECONDS: Final = 300
"""A rotated secret is in use everywhere five minutes later."""

NEVER_ROTATED: Final = "ResourceNotFoundException"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """Keys for one purpose: the present one first, then the one before it."""

    secrets: Callable[[], Sequence[str]]
    purpose: str

    def __call__(self) -> list[bytes]:
        """Return the keys. Raises `Unavailable` when the secret cannot be read."""
        label = f"echoes/{self.purpose}/v1".encode()
        return [hmac.digest(secret.encode(), label, "sha256") for secret in self.secrets()]


def secrets_client(region: str, session: Session | None = None) -> "SecretsManagerClient":
    """Return a client for Secrets Manager in *region*, made from the process's *session*."""
    client = (session or Session()).create_client(
        "secretsmanager",
        region_name=region,
        config=Config(
            connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 3, "mode": "standard"}
        ),
    )
    return cast("SecretsManagerClient", client)


class RotatingSecret:
    """A secret as Secrets Manager has it: its present version, and the one before."""

    def __init__(
        self,
        secret_arn: str,
        client: "SecretsManagerClient",
        *,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self._arn = secret_arn
        # One provider a stage: the cache of a provider does not tell stages apart.
        self._present = SecretsProvider(boto3_client=client)
        self._previous = SecretsProvider(boto3_client=client)
        self._time = time
        self._alone_until = 0.0

    def __call__(self) -> list[str]:
        """Return the secret's versions. Raises `Unavailable`."""
        try:
            present = self._read(self._present, "AWSCURRENT")
        except GetParameterError as error:
            raise Unavailable("the signing secret could not be read") from error
        if self._time() < self._alone_until:
            return [present]
        try:
            return [present, self._read(self._previous, "AWSPREVIOUS")]
        except GetParameterError as error:
            if not _never_rotated(error):
                raise Unavailable("the signing secret could not be read") from error
            self._alone_until = self._time() + MAX_AGE_SECONDS
            return [present]

    def _read(self, provider: SecretsProvider, stage: str) -> str:
        found = provider.get(self._arn, max_age=MAX_AGE_SECONDS, VersionStage=stage)
        return found.decode() if isinstance(found, bytes) else str(found)


def _never_rotated(error: GetParameterError) -> bool:
    cause = error.__cause__ or error.__context__
    return isinstance(cause, ClientError) and cause.response["Error"]["Code"] == NEVER_ROTATED
