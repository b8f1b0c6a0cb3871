"""What Stripe signs with, as Secrets Manager has it: one secret a line."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from echoes.adapters.secrets_manager.secrets import Secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SigningSecrets:
    """Gives the present secrets; asks for them again every five minutes."""

    def __init__(
        self,
        secret_arn: str,
        client: "SecretsManagerClient",
        *,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self._secret = Secret(secret_arn, client, time=time)

    def __call__(self) -> Sequence[str]:
        """Return the secrets. Raises `Unavailable`; Stripe then retries."""
        return tuple(self._secret().split())
