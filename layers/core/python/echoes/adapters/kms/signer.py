"""Anchors signed by AWS KMS."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailed
from botocore.session import Session

from echoes.domain.audit.anchors import Signature
from echoes.domain.audit.signatures import ALGORITHM
from echoes.domain.errors import Unavailable

if TYPE_CHECKING:
    from botocore.client import BaseClient

TRANSIENT: Final = frozenset(
    {"DependencyTimeoutException", "KMSInternalException", "ThrottlingException"}
)


def kms_client(region: str, session: Session | None = None) -> "BaseClient":
    """Return a client for KMS in *region*, made from the process's *session*."""
    client: BaseClient = (session or Session()).create_client(
        "kms",
        region_name=region,
        config=Config(
            connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"}
        ),
    )
    return client


class KmsAnchorSigner:
    """The port `AnchorSigner`: an asymmetric key that only one role may use."""

    def __init__(self, key_id: str, client: Any) -> None:  # noqa: ANN401  # there are no stubs of KMS here
        self._key_id = key_id
        self._client = client

    def sign(self, statement: bytes) -> Signature:
        """Return the signature over *statement* (at most 4,096 bytes). Raises `Unavailable`."""
        try:
            answer = self._client.sign(
                KeyId=self._key_id,
                Message=statement,
                MessageType="RAW",
                SigningAlgorithm=ALGORITHM,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in TRANSIENT:
                raise Unavailable("KMS could not answer") from error
            raise
        except (ConnectionFailed, HTTPClientError) as error:
            raise Unavailable("KMS could not be reached") from error
        return Signature(
            key_id=answer["KeyId"],
            algorithm=answer["SigningAlgorithm"],
            value=b64encode(answer["Signature"]).decode(),
        )
