"""The local cloud of one run of the end-to-end tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dev.cloud.ephemeral import EphemeralCloud, ephemeral_cloud

NIGHTLY: Final = "echoes-local-audit-books"


@contextmanager
def own_cloud(directory: Path) -> Iterator[EphemeralCloud]:
    """
    Yield a cloud with its files below *directory*; it is taken down afterwards.

    Its books close when a test says so: they do once a day, and between one and six at night the
    schedule would come first.
    """
    cloud = ephemeral_cloud(directory)
    try:
        cloud.up()
        alias = cloud.client("lambda").get_alias(FunctionName=NIGHTLY, Name="live")
        events = cloud.client("events")
        rules = events.list_rule_names_by_target(TargetArn=alias["AliasArn"])["RuleNames"]
        assert rules, "the audit has no schedule"
        for rule in rules:
            events.disable_rule(Name=rule)
        yield cloud
    finally:
        cloud.run("down")
