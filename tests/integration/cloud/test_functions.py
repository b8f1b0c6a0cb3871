"""Functions of the local cloud fail, share layers, wait and measure as on AWS."""

import base64
import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dev.cloud.ephemeral import EphemeralCloud, until

Invoke = Callable[..., dict[str, Any]]


def test_an_error_keeps_its_class_and_the_process_stays_warm(
    outputs: dict[str, str], invoke: Invoke
) -> None:
    """`errorType` is the class name, and the next call meets the same process."""
    before = invoke(outputs["WorkArn"], {"do": "quiet"})["payload"]["pid"]
    failed = invoke(outputs["WorkArn"], {"do": "fail"})
    after = invoke(outputs["WorkArn"], {"do": "quiet"})["payload"]["pid"]
    assert failed["error"] == "Unhandled"
    assert failed["payload"]["errorType"] == "PhotoTooDark"
    assert failed["payload"]["errorMessage"] == "too dark"
    assert before == after


def test_a_warm_call_that_logs_nothing_waits_for_no_log(
    outputs: dict[str, str], invoke: Invoke
) -> None:
    """The best of twenty calls takes less than the 50 ms that waiting would cost."""
    best = 1.0
    for _ in range(20):
        begun = time.perf_counter()
        invoke(outputs["WorkArn"], {"do": "quiet"})
        best = min(best, time.perf_counter() - begun)
    assert best < 0.05


def test_a_call_gets_its_own_log_to_the_last_line(
    cloud: EphemeralCloud, outputs: dict[str, str]
) -> None:
    """The tail of a chatty call ends with its last line, and the next call has none of it."""
    client = cloud.client("lambda")

    def log_of(event: dict[str, Any]) -> str:
        answer = client.invoke(
            FunctionName=outputs["WorkArn"], Payload=json.dumps(event), LogType="Tail"
        )
        return base64.b64decode(answer.get("LogResult", "")).decode()

    assert log_of({"do": "chat", "lines": 300}).splitlines()[-1] == "line 299"
    assert "line" not in log_of({"do": "quiet"})


def test_a_layer_is_unpacked_once_for_all_functions(
    cloud: EphemeralCloud, api: Callable[..., Any], invoke: Invoke, outputs: dict[str, str]
) -> None:
    """Workers of several functions read one directory, outside the temporary one."""
    where = api("GET", "/v1/open").json()["layer"]
    invoke(outputs["WorkArn"], {"do": "quiet"})
    assert where.startswith(str(cloud.instance.cloud / "layers"))
    unpacked = [path for path in (cloud.instance.cloud / "layers").iterdir() if path.is_dir()]
    assert len(unpacked) == 1
    assert not list((cloud.instance.cloud / "tmp").glob("*/layer_*"))


def test_reserved_concurrency_throttles_calls_through_the_alias(
    outputs: dict[str, str], invoke: Invoke
) -> None:
    """With one reserved execution, a second call at the same time is refused."""
    invoke(outputs["SingleArn"], {"do": "quiet"})
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(invoke, outputs["SingleArn"], {"do": "sleep", "seconds": 2})
        time.sleep(0.5)  # the first call is under way; it lasts four times as long
        with pytest.raises(ClientError, match="TooManyRequestsException"):
            invoke(outputs["SingleArn"], {"do": "quiet"})
        assert running.result()["error"] is None


def test_calls_over_the_machines_limit_wait_their_turn(api: Callable[..., Any]) -> None:
    """Thirty calls at once are all served, by a handful of processes."""
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: api("GET", "/v1/open?do=quiet"), range(30)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["pid"] for answer in answers}) <= 8


def test_embedded_metrics_become_metrics(
    cloud: EphemeralCloud, outputs: dict[str, str], invoke: Invoke
) -> None:
    """A log line in embedded metric format is a metric, each value of a list counted."""
    invoke(outputs["WorkArn"], {"do": "metric"})
    now = time.time()
    found = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="Fixture",
        MetricName="Clips",
        Dimensions=[{"Name": "service", "Value": "generate"}],
        StartTime=now - 300,
        EndTime=now + 60,
        Period=600,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    assert sum(point["Sum"] for point in found) == 5
    assert sum(point["SampleCount"] for point in found) == 2


def test_a_failed_asynchronous_call_reaches_the_dead_letter_queue_as_it_was(
    cloud: EphemeralCloud,
    outputs: dict[str, str],
    invoke: Invoke,
    calls: Callable[[str], list[Any]],
) -> None:
    """Three attempts, then the event itself is a message; the error is an attribute."""
    token = str(uuid.uuid4())
    invoke(outputs["WorkArn"], {"do": "fail", "token": token}, InvocationType="Event")
    message = until(lambda: _message(cloud, outputs["DeadUrl"], token))
    assert json.loads(message["Body"]) == {"do": "fail", "token": token}
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"] == "too dark"
    attempts = [call for call in calls("attempt") if call["event"].get("token") == token]
    assert len(attempts) == 3


def test_an_alias_own_retries_and_destination_hold(
    cloud: EphemeralCloud,
    outputs: dict[str, str],
    invoke: Invoke,
    calls: Callable[[str], list[Any]],
) -> None:
    """EventInvokeConfig of the alias: no retry, and the failure's envelope at its destination."""
    token = str(uuid.uuid4())
    invoke(outputs["OnceArn"], {"do": "fail", "token": token}, InvocationType="Event")
    message = until(lambda: _message(cloud, outputs["LostUrl"], token))
    assert json.loads(message["Body"])["requestPayload"]["token"] == token
    attempts = [call for call in calls("attempt") if call["event"].get("token") == token]
    assert len(attempts) == 1


def _message(cloud: EphemeralCloud, queue_url: str, containing: str) -> dict[str, Any] | None:
    received = cloud.client("sqs").receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=1,
        VisibilityTimeout=1,
        MessageAttributeNames=["All"],
    )
    found = [m for m in received.get("Messages", []) if containing in m["Body"]]
    return found[0] if found else None
