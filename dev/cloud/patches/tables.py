"""
Time to live and point-in-time recovery of tables reach them from a template.

Upstream: the provisioner drops TimeToLiveSpecification and PointInTimeRecoverySpecification.

AWS: a table has both properties of its template (CloudFormation, AWS::DynamoDB::Table and
AWS::DynamoDB::GlobalTable).

Mended upstream when these pass in `tests/integration/cloud/` with `ECHOES_CLOUD_PATCHES=-tables`:

* `test_properties.py::test_tables_expire_items_and_can_be_recovered`
"""

import importlib
from typing import Any

from dev.cloud.patches.patch import Patch, Source, wrap_resource


def _recovery(props: dict[str, Any]) -> dict[str, Any]:
    """Return the recovery property; a global table keeps it with its replicas."""
    replicas = props.get("Replicas") or [{}]
    found: dict[str, Any] = (
        props.get("PointInTimeRecoverySpecification")
        or replicas[0].get("PointInTimeRecoverySpecification")
        or {}
    )
    return found


def _apply() -> None:
    dynamodb: Any = importlib.import_module("ministack.services.dynamodb")

    def set_properties(name: str, new: dict[str, Any], old: dict[str, Any] | None) -> None:
        wanted, had = new.get("TimeToLiveSpecification"), (old or {}).get("TimeToLiveSpecification")
        if wanted:
            enabled = str(wanted.get("Enabled", True)).lower() == "true"
            specification = {"AttributeName": wanted["AttributeName"], "Enabled": enabled}
        elif had:
            specification = {"AttributeName": had["AttributeName"], "Enabled": False}
        else:
            specification = None
        if specification:
            dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": specification})
        enabled = str(_recovery(new).get("PointInTimeRecoveryEnabled", False)).lower() == "true"
        dynamodb._update_continuous_backups(
            {
                "TableName": name,
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": enabled},
            }
        )

    wrap_resource("AWS::DynamoDB::Table", set_properties)
    wrap_resource("AWS::DynamoDB::GlobalTable", set_properties)


PATCH = Patch(
    name="tables",
    reason="TimeToLiveSpecification and PointInTimeRecoverySpecification of a template are dropped",
    sources=(
        Source("ministack.services.cloudformation.provisioners:_ddb_create", "277586e016c693bd"),
        Source("ministack.services.cloudformation.provisioners:_ddb_update", "0665980ffdd06491"),
        Source(
            "ministack.services.cloudformation.provisioners:_ddb_global_table_create",
            "cd71b40024fd2b1a",
        ),
        Source("ministack.services.dynamodb:_update_ttl", "e8243a4fbbb8997d"),
        Source("ministack.services.dynamodb:_update_continuous_backups", "4d306deca0a21e52"),
    ),
    apply=_apply,
)
