"""Who may do what: read from the policies themselves."""

import fnmatch
import json
import re
from collections.abc import Iterator
from typing import Any

from echoes.domain.clips.clip import clip_prefix
from echoes.domain.films.film import project_prefix
from echoes.domain.identifiers import ClipId, OwnerId, ProjectId
from infra.constructs.credit_ledger import REWRITING
from infra.functions import FUNCTIONS
from infra.providers import PROVIDERS
from tests.support.templates import Synthesised

STREAMING = {
    f"dynamodb:{action}"
    for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
}
# Actions that take no resource but "*".
WITHOUT_RESOURCES = {
    "xray:*",
    "logs:*LogDeliver*",
    "logs:*ResourcePolic*",
    "logs:DescribeLogGroups",
}


def listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def statements(environment: Synthesised) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, properties in environment.all_of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for statement in properties["PolicyDocument"]["Statement"]:
            yield name, statement
    for name, properties in environment.all_of("AWS::IAM::Role"):
        for policy in properties.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def statements_of(environment: Synthesised, function: str) -> list[dict[str, Any]]:
    prefix = function.title().replace("-", "")
    return [
        statement for name, statement in statements(environment) if name.startswith(f"{prefix}Role")
    ]


def allowed_on(environment: Synthesised, function: str, part: str) -> set[str]:
    """Return the actions that *function* may do on resources whose name has *part* in it."""
    return {
        action
        for statement in statements_of(environment, function)
        if statement["Effect"] == "Allow" and part in json.dumps(statement["Resource"])
        for action in listed(statement["Action"])
    }


def test_no_action_has_a_wildcard(anywhere: Synthesised) -> None:
    """Every action a role may do is written out (requirement 1)."""
    wild = [
        (name, action)
        for name, statement in statements(anywhere)
        for action in listed(statement["Action"])
        if "*" in action
    ]
    assert wild == []


def test_only_actions_without_resources_may_name_all_resources(anywhere: Synthesised) -> None:
    """`Resource: *` stands only beside actions that AWS gives no resources (requirement 1)."""
    for name, statement in statements(anywhere):
        if "*" in listed(statement["Resource"]):
            for action in listed(statement["Action"]):
                assert any(fnmatch.fnmatch(action, known) for known in WITHOUT_RESOURCES), name


def test_every_function_has_a_role_of_its_own(anywhere: Synthesised) -> None:
    """No two functions share a role, and no role has a policy that AWS wrote (requirement 1)."""
    functions = anywhere["Service"].of("AWS::Lambda::Function")
    roles = [json.dumps(properties["Role"]) for properties in functions.values()]
    assert len(functions) == len(FUNCTIONS) == len(set(roles))
    for name, role in anywhere["Service"].of("AWS::IAM::Role").items():
        if "lambda.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"]):
            assert "ManagedPolicyArns" not in role, name


def test_entries_can_be_added_and_never_changed(anywhere: Synthesised) -> None:
    """CR6: IAM denies update and delete of ledger entries to every role that may add them."""
    posting = {
        "admin-api",
        "billing-api",
        "generate-api",
        "generate-settle",
        "generate-stopped",
        "generate-sweep",
        "projects-api",
        "projects-sweep",
        "rewards-review",
        "webhooks-sweep",
        "webhooks-reconcile",
    }
    for spec in FUNCTIONS:
        allowed = {
            action
            for action in allowed_on(anywhere, spec.name, "CreditLedgerEntries")
            if action.startswith("dynamodb:")
        }
        if spec.name == "audit-tampering":
            # The stream tells of entries; the table itself is none of its business.
            assert allowed == STREAMING
            continue
        if not allowed:
            continue
        reading = {"dynamodb:GetItem", "dynamodb:Query"}
        if spec.name in {"audit-books", "audit-payments"}:
            reading.add("dynamodb:BatchGetItem")
        assert allowed - {"dynamodb:PutItem"} == reading, spec.name
        assert ("dynamodb:PutItem" in allowed) == (spec.name in posting), spec.name
        denied = {
            action
            for statement in statements_of(anywhere, spec.name)
            if statement["Effect"] == "Deny"
            and "CreditLedgerEntries" in json.dumps(statement["Resource"])
            for action in listed(statement["Action"])
        }
        assert denied == set(REWRITING), spec.name


def test_the_table_of_entries_itself_refuses_to_be_rewritten(on_aws: Synthesised) -> None:
    """CR6: even an administrator's role cannot update or delete an entry."""
    (table,) = [
        properties
        for name, properties in on_aws["Data"].of("AWS::DynamoDB::GlobalTable").items()
        if name.startswith("CreditLedgerEntries")
    ]
    (statement,) = table["Replicas"][0]["ResourcePolicy"]["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == {"AWS": "*"}
    assert set(statement["Action"]) == set(REWRITING)


def test_a_secret_is_read_only_by_functions_that_need_it(anywhere: Synthesised) -> None:
    """A provider's key stays with those who call it; the signing secret with those who sign."""
    keys = {f"Secrets{provider.title}" for provider in PROVIDERS}
    assert "SecretsRunway" in keys
    readers: dict[str, set[str]] = {secret: set() for secret in {*keys, "SecretsSigning"}}
    for spec in FUNCTIONS:
        for secret, names in readers.items():
            if "secretsmanager:GetSecretValue" in allowed_on(anywhere, spec.name, secret):
                names.add(spec.name)
    for key in keys:
        assert readers[key] == {
            "generate-submit",
            "generate-poll",
            "generate-finish",
            "generate-stopped",
            "generate-sweep",
        }
    assert readers["SecretsSigning"] == {
        "account-api",
        "admin-api",
        "authorizer",
        "generate-api",
        "projects-api",
    }


def test_the_door_for_strangers_reaches_nothing_but_the_queue(anywhere: Synthesised) -> None:
    """What takes in Stripe's messages knows no key to call Stripe, and no table."""
    hearing = {
        spec.name for spec in FUNCTIONS if allowed_on(anywhere, spec.name, "SecretsStripeWebhooks")
    }
    telling = {
        spec.name
        for spec in FUNCTIONS
        if "sqs:SendMessage" in allowed_on(anywhere, spec.name, "PaymentIntakeQueue")
    }
    assert hearing == {"webhooks-ingest"}
    assert telling == {"admin-api", "webhooks-ingest"}, "operators may have events replayed"
    secrets = [
        resource
        for statement in statements_of(anywhere, "webhooks-ingest")
        if "secretsmanager:GetSecretValue" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]
    assert all("SecretsStripeWebhooks" in json.dumps(secret) for secret in secrets)
    assert allowed_on(anywhere, "webhooks-ingest", "Table") == set()
    assert allowed_on(anywhere, "webhooks-ingest", "CreditLedger") == set()


def test_the_status_function_cannot_sign_the_clean_master(anywhere: Synthesised) -> None:
    """The function every open page asks reaches watermarked previews and posters only (DEC-D7)."""
    resources = json.dumps(
        [
            statement["Resource"]
            for statement in statements_of(anywhere, "status-api")
            if "s3:GetObject" in listed(statement["Action"])
        ]
    )
    assert "/preview.mp4" in resources
    assert "/poster.jpg" in resources
    assert 'clips/*"' not in resources


def arn_pattern(resource: Any) -> str:  # noqa: ANN401  # a string, or how one is made
    """Return *resource* as IAM compares it, with a name of ours for the bucket of clips."""
    if isinstance(resource, str):
        return resource
    if "Fn::Join" in resource:
        between, parts = resource["Fn::Join"]
        return str(between).join(arn_pattern(part) for part in parts)
    if resource == {"Ref": "AWS::Partition"}:
        return "aws"
    return "arn:aws:s3:::clips" if "clips" in json.dumps(resource).lower() else "arn:other"


def may(environment: Synthesised, action: str, key: str) -> set[str]:
    """Return the functions that may do *action* on a file of the clips bucket."""
    return {
        spec.name
        for spec in FUNCTIONS
        for statement in statements_of(environment, spec.name)
        if statement["Effect"] == "Allow" and action in listed(statement["Action"])
        for resource in (
            statement["Resource"]
            if isinstance(statement["Resource"], list)
            else [statement["Resource"]]
        )
        if fnmatch.fnmatchcase(f"arn:aws:s3:::clips/{key}", arn_pattern(resource))
    }


PROJECT = project_prefix(OwnerId("3f0c"), ProjectId("a" * 24))
FILM_KEY = f"{PROJECT}films/{'b' * 24}/film.mp4"
MASTER_KEY = f"{clip_prefix(OwnerId('3f0c'), ClipId('c' * 24))}1/master.mp4"
READING = ("s3:GetObject", "s3:GetObjectVersion")


def test_films_are_signed_by_one_function(anywhere: Synthesised) -> None:
    """PF7: besides the join that verifies a film only the function that checks payment reads it."""
    readers = {name for action in READING for name in may(anywhere, action, FILM_KEY)}
    assert readers == {"assemble-api", "assemble-join"}


def test_masters_are_read_by_who_signs_or_joins_them(anywhere: Synthesised) -> None:
    """DEC-D7: payment checks and film making may read masters; the sweep may only delete."""
    readers = {name for action in READING for name in may(anywhere, action, MASTER_KEY)}
    assert readers == {"assemble-join", "assemble-render", "generate-api"}
    assert may(anywhere, "s3:DeleteObject", MASTER_KEY) == {"generate-api", "projects-sweep"}


def test_segments_are_tagged_by_who_makes_them_and_deleted_by_the_sweep(
    anywhere: Synthesised,
) -> None:
    """PF5: segments that could not be tagged or deleted would stay for ever."""
    doing: dict[str, set[str]] = {"s3:PutObjectTagging": set(), "s3:DeleteObject": set()}
    for spec in FUNCTIONS:
        for statement in statements_of(anywhere, spec.name):
            if "/segments/*" in json.dumps(statement["Resource"]):
                for action in doing.keys() & set(listed(statement["Action"])):
                    doing[action].add(spec.name)
    assert doing == {
        "s3:PutObjectTagging": {"assemble-join", "assemble-render"},
        "s3:DeleteObject": {"projects-sweep"},
    }


def test_the_audit_can_be_written_and_not_read(anywhere: Synthesised) -> None:
    """SE3: a role that writes audit records cannot read, change or remove any."""
    for spec in FUNCTIONS:
        assert allowed_on(anywhere, spec.name, "AccessAudit") <= {"dynamodb:PutItem"}, spec.name


def test_one_function_signs_anchors_and_none_can_unlock_them(anywhere: Synthesised) -> None:
    """L16: the key of the books signs for the nightly audit alone; what it wrote stays."""
    signers = {
        spec.name for spec in FUNCTIONS if "kms:Sign" in allowed_on(anywhere, spec.name, "BooksKey")
    }
    assert signers == {"audit-books"}
    for spec in FUNCTIONS:
        allowed = allowed_on(anywhere, spec.name, "BooksBucket")
        allowed |= allowed_on(anywhere, spec.name, "anchors-bucket-arn")
        expected = {"s3:GetObject", "s3:ListBucket", "s3:PutObject"}
        assert allowed == (expected if spec.name == "audit-books" else set()), spec.name


def test_the_audit_has_no_pen(anywhere: Synthesised) -> None:
    """R1: the audit can read all of the books, and write none."""
    reading = {"BatchGetItem", "GetItem", "Query", "Scan"}
    for name in ("audit-books", "audit-payments"):
        for part in ("CreditLedgerEntries", "CreditLedgerState", "RecordsTable"):
            allowed = allowed_on(anywhere, name, part)
            assert allowed <= {f"dynamodb:{action}" for action in reading}, name
            assert allowed, name
    assert not allowed_on(anywhere, "audit-tampering", "RecordsTable")


def test_every_index_that_a_right_names_exists(anywhere: Synthesised) -> None:
    """A right on an index under an old name denies the query, and only at run time."""
    indexes = {
        index["IndexName"]
        for _, table in anywhere.all_of("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")
        for index in table.get("GlobalSecondaryIndexes", ())
    }
    rights = json.dumps([statement["Resource"] for _, statement in statements(anywhere)])
    named = set(re.findall(r"/index/([\w*]+)", rights))
    assert {"due", "by_id"} <= named
    assert named <= indexes
