"""Payment notices in a FIFO queue: the notices of one buyer stay in order."""

import hashlib
import json
import re
from typing import TYPE_CHECKING, Final, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from echoes.application.ports.notices import PaymentNotice
from echoes.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

NAME: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
"""What SQS accepts as the name of a group; other names are hashed."""


class SqsNoticeQueue:
    """The port `NoticeQueue`. The same event again within five minutes is queued once."""

    def __init__(self, queue_url: str, client: "SQSClient") -> None:
        self._url = queue_url
        self._client = client

    def put(self, notice: PaymentNotice) -> None:
        """Queue *notice*. Raises `Unavailable`."""
        body = {
            "event_id": notice.event_id,
            "event_type": notice.event_type,
            "about": notice.key.about.value,
            "id": notice.key.id,
        }
        try:
            self._client.send_message(
                QueueUrl=self._url,
                MessageBody=json.dumps(body),
                MessageGroupId=_name(notice.group),
                MessageDeduplicationId=_name(notice.event_id),
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("the notice could not be queued") from error


def sqs_client(region: str, session: Session | None = None) -> "SQSClient":
    """Return a client for SQS. It gives up early, because Stripe waits for the response."""
    client = (session or Session()).create_client(
        "sqs",
        region_name=region,
        config=Config(
            connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"}
        ),
    )
    return cast("SQSClient", client)


def _name(text: str) -> str:
    if NAME.fullmatch(text):
        return text
    return hashlib.sha256(text.encode()).hexdigest()
