"""Music is stored beside the clips, and listening to it gives access to nothing else."""

import json

from infra.functions import FUNCTIONS
from tests.infra.test_permissions import listed, statements_of
from tests.support.templates import Synthesised


def test_functions_that_list_music_read_nothing_else(anywhere: Synthesised) -> None:
    """The account function signs links below `music/`; clips and photos stay out of its reach."""
    resources = [
        json.dumps(statement["Resource"])
        for name, properties in anywhere.all_of("AWS::IAM::Policy")
        if name.startswith("AccountApiRole")
        for statement in properties["PolicyDocument"]["Statement"]
        if "s3:" in json.dumps(statement["Action"])
    ]
    assert len(resources) == 1
    assert "/music/*" in resources[0]


def test_peoples_own_music_is_in_few_hands(anywhere: Synthesised) -> None:
    """Signed and deleted by one function, prepared by one, read for films by one."""
    reach: dict[str, dict[str, set[str]]] = {}
    for spec in FUNCTIONS:
        for statement in statements_of(anywhere, spec.name):
            resource = json.dumps(statement["Resource"])
            for keys in ("/incoming/owners/*/music/*", "/owners/*/music/*"):
                # The longer key ends with the shorter one.
                if keys in resource and ("/incoming/" in keys) == ("/incoming/" in resource):
                    found = reach.setdefault(keys, {}).setdefault(spec.name, set())
                    found |= {action.removeprefix("s3:") for action in listed(statement["Action"])}
    assert reach == {
        "/incoming/owners/*/music/*": {
            "upload-api": {"PutObject", "DeleteObject"},
            "upload-open-music": {"GetObject", "DeleteObject"},
        },
        "/owners/*/music/*": {
            "upload-api": {"GetObject", "DeleteObject"},
            "upload-open-music": {"PutObject", "DeleteObject"},
            "assemble-join": {"GetObject"},
        },
    }


def test_what_arrives_is_forgotten_in_a_day(anywhere: Synthesised) -> None:
    """Music that could not be opened is deleted."""
    buckets = anywhere["Data"].of("AWS::S3::Bucket").values()
    rules = [
        rule
        for bucket in buckets
        for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", [])
        if rule.get("Prefix") == "incoming/"
    ]
    assert rules
    assert {rule["ExpirationInDays"] for rule in rules} == {1}
