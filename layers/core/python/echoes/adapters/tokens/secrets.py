"""
The signing secret, kept in Secrets Manager, and the keys derived from it.

One secret, one key a purpose: a key that leaks in one place opens nothing in another. While the
secret is being rotated, what the previous one signed is still accepted.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from echoes.adapters.secrets_manager.secrets import MAX_AGE_SECONDS, Secret
from echoes.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

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


class RotatingSecret:
    """A secret as Secrets Manager has it: its present version, and the one before."""

    def __init__(
        self,
        secret_arn: str,
        client: "SecretsManagerClient | Callable[[], SecretsManagerClient]",
        *,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self._present = Secret(secret_arn, client, stage="AWSCURRENT", time=time)
        self._previous = Secret(secret_arn, client, stage="AWSPREVIOUS", time=time)
        self._time = time
        self._alone_until = 0.0

    def __call__(self) -> list[str]:
        """Return the secret's versions. Raises `Unavailable`."""
        present = self._present()
        if self._time() < self._alone_until:
            return [present]
        try:
            return [present, self._previous()]
        except Unavailable as error:
            if not _never_rotated(error):
                raise
            self._alone_until = self._time() + MAX_AGE_SECONDS
            return [present]


def _never_rotated(error: Unavailable) -> bool:
    cause = error.__cause__
    return isinstance(cause, ClientError) and cause.response["Error"]["Code"] == NEVER_ROTATED
