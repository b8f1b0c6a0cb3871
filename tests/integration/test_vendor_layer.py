"""The trimmed libraries, as functions get them: every client can be made, in every region."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
VENDOR = PROJECT / "layers" / "vendor" / "local" / "python"
ECHOES = PROJECT / "layers" / "core" / "python" / "echoes"
REGIONS = ("us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1")

PROGRAM = """
import json, sys
from botocore.session import Session
session, found = Session(), {}
for service, region in json.loads(sys.argv[1]):
    client = session.create_client(
        service, region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    operations = client.meta.service_model.operation_names
    assert all(client.meta.service_model.operation_model(name) for name in operations)
    found[f"{service} {region}"] = client.meta.endpoint_url
print(json.dumps(found))
"""


def run(program: str, *arguments: str) -> str:
    """Return what *program* prints with nothing but the vendor layer in reach."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", program, *arguments],
        env={"PYTHONPATH": str(VENDOR), "AWS_EC2_METADATA_DISABLED": "true"},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout


def services_in_the_code() -> set[str]:
    """Return which clients our code makes, PynamoDB's among them."""
    sources = "\n".join(file.read_text() for file in ECHOES.rglob("*.py"))
    return {"dynamodb", *re.findall(r'create_client\(\s*"([a-z0-9-]+)"', sources)}


def test_every_client_of_ours_can_be_made_in_every_region() -> None:
    """Models and endpoints of what we call are kept; the rest of botocore's data is not missed."""
    services = services_in_the_code()
    assert services >= {"dynamodb", "kms", "s3", "secretsmanager", "sqs", "stepfunctions"}
    wanted = [(service, region) for service in sorted(services) for region in REGIONS]
    found = json.loads(run(PROGRAM, json.dumps(wanted)))
    for service, region in wanted:
        host = {"stepfunctions": "states"}.get(service, service)
        short = service == "s3" and region == "us-east-1"
        assert found[f"{service} {region}"] in {
            f"https://{host}.{region}.amazonaws.com",
            *(["https://s3.amazonaws.com"] if short else []),
        }


CALLS = """
from botocore.session import Session
from botocore.stub import Stubber
keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
session, called = Session(), []
for service, operation, arguments in (
    ("dynamodb", "list_tables", {}),
    ("kms", "get_public_key", {"KeyId": "key"}),
    ("s3", "list_objects_v2", {"Bucket": "photos"}),
    ("secretsmanager", "get_secret_value", {"SecretId": "secret"}),
    ("sqs", "list_queues", {}),
    ("stepfunctions", "list_state_machines", {}),
):
    client = session.create_client(service, region_name="eu-west-1", **keys)
    required = {"stateMachines": []} if service == "stepfunctions" else {}
    with Stubber(client) as stub:
        stub.add_response(operation, required)
        getattr(client, operation)(**arguments)
    called.append(service)
s3 = session.create_client("s3", region_name="eu-west-1", **keys)
print(s3.generate_presigned_post("photos", "key")["url"])
"""


def test_every_client_of_ours_can_call_and_sign() -> None:
    """What a call reads of its model, endpoint rules among it, was not trimmed away."""
    assert run(CALLS).strip() == "https://photos.s3.amazonaws.com/"


@pytest.mark.parametrize(
    "program",
    [
        """from botocore.session import Session
client = Session().create_client("sqs", region_name="eu-west-1")
print(client.get_paginator("list_queues").paginate.__doc__.expandtabs())
assert "MessageGroupId" in client.send_message.__doc__.expandtabs()""",
        "import jwt.algorithms as a; print(a.RSAAlgorithm(a.RSAAlgorithm.SHA256))",
        """import urllib3.http2
try:
    urllib3.http2.inject_into_urllib3()
except ImportError as missing:
    print(missing)""",
    ],
)
def test_what_was_put_off_comes_when_it_is_needed(program: str) -> None:
    """Imports that the start does without happen at the first use."""
    run(program)


def test_the_start_of_a_client_does_without_what_was_put_off() -> None:
    """The list of put-off imports still pays."""
    modules = set(
        json.loads(
            run(
                "import json, sys\nfrom botocore.session import Session\n"
                "Session().create_client('sqs', region_name='eu-west-1')\n"
                "print(json.dumps(sorted(sys.modules)))"
            )
        )
    )
    assert not {"botocore.docs.service", "html.parser", "importlib.metadata"} & modules
