"""After everything the other tests did: prices held, books that agree, an anchor that shows it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from dev.client import EchoesClient, Problem
from dev.cloud.ephemeral import EphemeralCloud
from tests.support.users import User

pytestmark = pytest.mark.alone  # books stand still while they are audited

ROOT: Final = Path(__file__).parents[2]
PATIENCE_SECONDS: Final = 30.0


def invoked(cloud: EphemeralCloud, function: str) -> dict[str, Any]:
    answer = cloud.client("lambda").invoke(
        FunctionName=f"echoes-local-{function}", Qualifier="live", Payload=b"{}"
    )
    body: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, body
    return body


def outputs(cloud: EphemeralCloud) -> dict[str, str]:
    stacks = cloud.endpoints().outputs.values()
    return {name: value for stack in stacks for name, value in stack.items()}


def command(
    cloud: EphemeralCloud, module: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "ECHOES_ENDPOINTS": str(cloud.instance.endpoints),
            "PYTHONPATH": f"{ROOT / 'layers/core/python'}:{ROOT}",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_an_order_costs_what_was_quoted(make_user: Callable[[int], User]) -> None:
    """A signed quote pays for its clip, to the credit, and for nothing else."""
    user, stranger = make_user(3), make_user(3)
    upload_id = user.ready_upload()
    request = {"upload_id": upload_id, "duration_seconds": 10}
    quote = user.api.post("/v1/quotes", {"clips": [request]})
    assert (quote["credits"], quote["available"]) == (2, 3)
    for api, order in (
        (user.api, {**request, "quote": quote["quote"][:-1] + "x"}),
        (user.api, {**request, "duration_seconds": 5, "quote": quote["quote"]}),
        (stranger.api, {**request, "quote": quote["quote"]}),
    ):
        with pytest.raises(Problem) as refused:
            api.post("/v1/clips", order)
        assert refused.value.code == "invalid_request"
    clip = user.api.post("/v1/clips", {**request, "quote": quote["quote"]})
    assert clip["credits"] == 2
    assert user.balance() == 1


def test_a_guest_is_quoted_a_clip_for_nothing(guest: EchoesClient) -> None:
    """FF6: with a guest token, without an account."""
    quote = guest.post("/v1/quotes", {"clips": [{}]})
    assert (quote["credits"], quote["available"]) == (0, 0)


def test_the_books_agree_and_an_export_is_verified_offline(
    cloud: EphemeralCloud, user: User, tmp_path: Path
) -> None:
    """R1 to R8, L16: no fault after all tests; KMS signs the anchor; a cut-off export is found."""
    clip = user.api.wait_for_clip(user.api.order_clip(user.ready_upload())["id"])
    assert clip["status"] == "completed", clip
    found = invoked(cloud, "audit-books")
    assert found["faults"] == 0, found
    assert invoked(cloud, "audit-books") == {"owners": 0, "faults": 0, "anchored": 0}, "done"
    anchor, key, export = tmp_path / "anchor.json", tmp_path / "key.pem", tmp_path / "it.jsonl"
    fetched = ("--anchor", str(anchor), "--public-key", str(key))
    exported = command(cloud, "tools.export_ledger", "--owner", user.person.subject, *fetched)
    assert exported.returncode == 0, exported.stderr
    export.write_text(exported.stdout)
    verified = command(cloud, "tools.verify", str(export), *fetched)
    assert (verified.returncode, verified.stdout[:6]) == (0, "intact"), verified.stdout
    heads = {owner for owner, _, _ in json.loads(anchor.read_text())["heads"]}
    assert user.person.subject in heads, "books close once a day: use a cloud that is new today"
    lines = exported.stdout.splitlines()
    export.write_text("\n".join(lines[:-1]))
    verified = command(cloud, "tools.verify", str(export), *fetched)
    assert verified.returncode == 1
    assert f"BROKEN at entry {len(lines)}" in verified.stdout


def test_stripe_and_the_ledger_agree(cloud: EphemeralCloud) -> None:
    """R4, R5: for all purchases and refunds of the tests, once the sweep has found lost events."""
    invoked(cloud, "webhooks-sweep")
    assert invoked(cloud, "audit-payments")["faults"] == 0


def test_an_anchor_cannot_be_removed(cloud: EphemeralCloud) -> None:
    """L16: Object Lock keeps what a night has written: a plain delete is refused."""
    s3, bucket = cloud.client("s3"), outputs(cloud)["AnchorsBucket"]
    (version, *_) = s3.list_object_versions(Bucket=bucket)["Versions"]
    with pytest.raises(s3.exceptions.ClientError) as refused:
        s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_an_entry_that_is_changed_rings_at_once(
    cloud: EphemeralCloud, make_user: Callable[[int], User]
) -> None:
    """L16: the stream of the table reports the change, regardless of its author."""
    victim = make_user(5).person.subject
    dynamodb, logs = cloud.client("dynamodb"), cloud.client("logs")
    table = outputs(cloud)["CreditEntriesTable"]
    key = {"pk": {"S": f"U#{victim}"}, "sk": {"S": "TX#0000000001"}}
    dynamodb.delete_item(TableName=table, Key=key)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        told = logs.filter_log_events(logGroupName="/echoes/local/audit-tampering")["events"]
        if any(
            "tampered with" in event["message"] and victim in event["message"] for event in told
        ):
            return
        time.sleep(0.2)
    pytest.fail("nobody was told")
