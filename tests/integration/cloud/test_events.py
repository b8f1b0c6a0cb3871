"""Events of the local cloud reach functions through rules, queues and schedules."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from dev.cloud.ephemeral import EphemeralCloud, until

Calls = Callable[[str], list[dict[str, Any]]]


def _worked(calls: Calls, token: str) -> list[dict[str, Any]]:
    return [call for call in calls("work") if token in json.dumps(call["event"])]


def test_an_uploaded_photo_reaches_the_alias_with_the_rules_input(
    cloud: EphemeralCloud, outputs: dict[str, str], calls: Calls
) -> None:
    """S3 tells EventBridge, whose rule shapes the input and calls `…:live`."""
    key = f"waiting/{uuid.uuid4()}.jpg"
    cloud.client("s3").put_object(Bucket=outputs["PhotosBucket"], Key=key, Body=b"photo")
    found = until(lambda: _worked(calls, key))
    assert [call["event"] for call in found] == [{"do": "record", "key": key}]
    assert found[0]["arn"].endswith(":live")


def test_a_rules_failing_function_is_tried_three_times_then_dead(
    cloud: EphemeralCloud, outputs: dict[str, str], calls: Calls
) -> None:
    """An event whose function fails is retried by Lambda, then is in the dead-letter queue."""
    token = str(uuid.uuid4())
    cloud.client("events").put_events(
        Entries=[
            {
                "Source": "fixture",
                "DetailType": "Fail",
                "Detail": json.dumps({"do": "fail", "token": token}),
            }
        ]
    )

    def dead() -> bool:
        received = cloud.client("sqs").receive_message(
            QueueUrl=outputs["DeadUrl"], MaxNumberOfMessages=10, VisibilityTimeout=1
        )
        return any(token in message["Body"] for message in received.get("Messages", []))

    until(dead)
    attempts = [call for call in calls("attempt") if token in json.dumps(call["event"])]
    assert len(attempts) == 3


def test_a_queues_failed_message_is_redriven_alone(
    cloud: EphemeralCloud, outputs: dict[str, str], calls: Calls
) -> None:
    """Of a batch, the message reported as failed is dead after its receive; the rest is done."""
    token = str(uuid.uuid4())
    cloud.client("sqs").send_message_batch(
        QueueUrl=outputs["InboxUrl"],
        Entries=[
            {"Id": "good", "MessageBody": token},
            {"Id": "bad", "MessageBody": "fail"},
        ],
    )
    until(lambda: [call for call in calls("queue") if call["event"]["body"] == token])

    def dead() -> bool:
        received = cloud.client("sqs").receive_message(
            QueueUrl=outputs["DeadUrl"], MaxNumberOfMessages=10, VisibilityTimeout=1
        )
        return any(message["Body"] == "fail" for message in received.get("Messages", []))

    until(dead, seconds=40)


@pytest.mark.timeout(120)
def test_a_schedule_calls_on_time(calls: Calls) -> None:
    """A rule of one minute calls its function with its input within two."""
    scheduled = {"do": "schedule"}
    until(lambda: [c for c in calls("work") if c["event"] == scheduled], seconds=90)
