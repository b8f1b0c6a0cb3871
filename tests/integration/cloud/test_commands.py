"""`up`, `down` and what a crash leaves: the commands a person types, on a cloud of their own."""

import json
import os
import shlex
import shutil
import signal
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from dev.cloud.endpoints import Endpoints
from dev.cloud.ephemeral import EphemeralCloud, ephemeral_cloud, until
from dev.cloud.instance import REGION
from dev.cloud.processes import ProcessId, process_id
from dev.cloud.supervisor import read_record


@pytest.fixture(scope="module")
def own(
    cloud: EphemeralCloud, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EphemeralCloud]:
    copy = f'cp -R {shlex.quote(str(cloud.instance.assembly))}/. "$CDK_OUTDIR"'
    found = ephemeral_cloud(
        tmp_path_factory.mktemp("own"), synth=f"sh -c {shlex.quote('mkdir $CDK_OUTDIR; ' + copy)}"
    )
    try:
        yield found
    finally:
        found.run("down")


def _processes(own: EphemeralCloud) -> tuple[ProcessId, dict[str, ProcessId]]:
    record = read_record(own.instance.supervisor)
    assert record is not None
    return record


def _table(own: EphemeralCloud) -> str:
    return str(own.endpoints().outputs["Fixture"]["CallsTable"])


def test_up_writes_the_endpoints_and_says_what_to_do_next(own: EphemeralCloud) -> None:
    """The file has every address, the API answers at its own, and the seconds are printed."""
    done = own.run("up")
    assert done.returncode == 0, done.stderr
    assert "Up in" in done.stdout
    assert "make demo" in done.stdout
    found = Endpoints.load(own.instance.endpoints)
    assert requests.get(f"{found.api_url}/v1/open", timeout=30).status_code == 200
    assert found.simulators["runway"] == f"http://127.0.0.1:{own.instance.port + 1}"
    assert found.region == "us-east-1"


def test_a_second_up_says_it_is_running_and_changes_nothing(own: EphemeralCloud) -> None:
    """Nothing is started or deployed twice; a cloud that is up to date answers in seconds."""
    own.up()
    before, begun = _processes(own), time.monotonic()
    again = own.run("up")
    assert "already running" in again.stdout
    assert "Fixture: unchanged" in again.stdout
    assert _processes(own) == before
    assert time.monotonic() - begun < 20


def test_only_loopback_listens(own: EphemeralCloud) -> None:
    """No service is reachable from another machine."""
    own.up()
    with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
        socket.create_connection((_outer_address(), own.instance.port), timeout=2)


def _outer_address() -> str:
    """Return an address of this machine that is not loopback's 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # chooses a route; sends nothing
        except OSError:
            return "127.0.0.2"
        return str(probe.getsockname()[0])


def test_data_survive_down_and_up(own: EphemeralCloud) -> None:
    """Items, objects and secrets are there again, and nothing is deployed again."""
    own.up()
    dynamodb, s3 = own.client("dynamodb"), own.client("s3")
    bucket = own.endpoints().outputs["Fixture"]["PhotosBucket"]
    key = str(uuid.uuid4())
    item = {"pk": {"S": "kept"}, "sk": {"S": key}}
    dynamodb.put_item(TableName=_table(own), Item=item)
    s3.put_object(Bucket=bucket, Key=key, Body=b"kept")
    table = _table(own)
    assert own.run("down").returncode == 0
    assert not own.instance.endpoints.exists()
    assert "not running" in own.run("status").stdout
    again = own.run("up")
    assert "Fixture: unchanged" in again.stdout, again.stdout + again.stderr
    assert dynamodb.get_item(TableName=table, Key=item)["Item"] == item
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"kept"


def test_a_layers_content_survives_beside_the_state(own: EphemeralCloud) -> None:
    """Saved state names layers by digest, and a start without the cache unpacks them again."""
    own.up()
    own.run("down")
    shutil.rmtree(own.instance.cloud / "layers")
    assert len(list((own.instance.cloud / "layer-archives").iterdir())) == 1
    found = own.up()
    assert requests.get(f"{found.api_url}/v1/open", timeout=30).status_code == 200


def test_an_execution_lost_in_a_restart_is_told_to_the_rules(own: EphemeralCloud) -> None:
    """A running execution ends as FAILED with the restart, and its event arrives afterwards."""
    own.up()
    name = str(uuid.uuid4())
    own.client("stepfunctions").start_execution(
        stateMachineArn=own.endpoints().outputs["Fixture"]["MachineArn"],
        name=name,
        input=json.dumps({"do": "sleep", "seconds": 8}),
    )
    table = _table(own)
    own.run("down")
    own.up()

    def told() -> bool:
        items: list[dict[str, Any]] = own.client("dynamodb").query(
            TableName=table,
            KeyConditionExpression="pk = :kind",
            ExpressionAttributeValues={":kind": {"S": "work"}},
        )["Items"]
        events = [json.loads(item["event"]["S"]) for item in items if name in item["event"]["S"]]
        return any(event.get("detail", {}).get("status") == "FAILED" for event in events)

    until(told)


def test_a_killed_supervisor_leaves_no_process(own: EphemeralCloud) -> None:
    """SIGKILL of the owner ends every service and worker; the next `up` starts afresh."""
    found = own.up()
    requests.get(f"{found.api_url}/v1/open", timeout=30)  # so that a worker runs
    supervisor, services = _processes(own)
    os.kill(supervisor.pid, signal.SIGKILL)
    until(lambda: not any(process.alive() for process in services.values()))
    until(lambda: not _workers(own))
    assert "not running" in own.run("status").stdout
    assert requests.get(f"{own.up().api_url}/v1/open", timeout=30).status_code == 200


def test_a_killed_service_takes_the_others_with_it(own: EphemeralCloud) -> None:
    """The supervisor ends the rest and itself: half a cloud is useless."""
    own.up()
    supervisor, services = _processes(own)
    os.kill(services["ministack"].pid, signal.SIGKILL)
    until(lambda: not supervisor.alive())
    assert not any(process.alive() for process in services.values())
    until(lambda: not _workers(own))


def test_a_reused_pid_is_not_taken_for_the_cloud(own: EphemeralCloud) -> None:
    """A stale record that names a living stranger neither blocks `up` nor gets it killed."""
    own.run("down")
    own.instance.supervisor.write_text(
        json.dumps(
            {
                "supervisor": {"pid": os.getpid(), "started": "long ago"},
                "services": {"ministack": {"pid": os.getpid(), "started": "long ago"}},
            }
        )
    )
    own.up()
    assert process_id(os.getpid()).alive()
    assert _processes(own)[0].pid != os.getpid()


def test_a_taken_port_is_named(own: EphemeralCloud) -> None:
    """`up` says which port is in use and how to choose another."""
    own.run("down")
    with socket.create_server(("127.0.0.1", own.instance.port)):
        done = own.run("up")
    assert done.returncode == 1
    assert f"port {own.instance.port}" in done.stderr
    assert "ECHOES_PORT=" in done.stderr


def test_every_function_works_under_enforced_iam(own: EphemeralCloud) -> None:
    """With IAM enforced the API serves, roles suffice, TLS-only buckets accept loopback."""
    found = own.up()
    answer = requests.get(f"{found.api_url}/v1/mine", headers={"Authorization": "fine"}, timeout=30)
    assert answer.status_code == 200
    missing = requests.get(f"{found.api_url}/v1/none", timeout=30)
    assert missing.status_code == 404
    assert missing.json()["type"] == "no-such-route"
    bucket = found.outputs["Fixture"]["PhotosBucket"]
    visitor = _visitor(own, bucket)
    visitor.put_object(Bucket=bucket, Key="waiting/a", Body=b"a")
    with pytest.raises(ClientError, match="AccessDenied"):
        visitor.list_buckets()
    assert (
        requests.get(f"{own.instance.aws_endpoint_url}/{bucket}/waiting/a", timeout=9).status_code
        == 403
    )
    own.run("down")


def _visitor(own: EphemeralCloud, bucket: str) -> Any:  # noqa: ANN401  # a boto3 client
    """Return an S3 client of a user who may only write into one bucket."""
    iam, allowed = own.client("iam"), f"arn:aws:s3:::{bucket}/*"
    iam.create_user(UserName="visitor")
    iam.put_user_policy(
        UserName="visitor",
        PolicyName="write",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": allowed}],
            }
        ),
    )
    key = iam.create_access_key(UserName="visitor")["AccessKey"]
    return boto3.client(
        "s3",
        endpoint_url=own.instance.aws_endpoint_url,
        region_name=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def _workers(own: EphemeralCloud) -> list[str]:
    """Return the command lines of handler processes that run from this cloud's directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_text(errors="replace")
        except OSError:
            continue
        if str(own.instance.cloud / "tmp") in line:
            found.append(line)
    return found
