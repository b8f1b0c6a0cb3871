"""
`Ref` of a secret is its ARN, so that policies built from it match.

Upstream: Ref of AWS::SecretsManager::Secret is the name, so grant_read matches nothing under
enforced IAM.

AWS: Ref returns the ARN of the secret (CloudFormation, AWS::SecretsManager::Secret: return values).

Mended upstream when these pass in `tests/integration/cloud/` with `ECHOES_CLOUD_PATCHES=-secrets`:

* `test_properties.py::test_a_secrets_reference_is_its_arn`
"""

import importlib
from typing import Any

from dev.cloud.patches.patch import Patch, Source, provisioners


def _apply() -> None:
    store: Any = importlib.import_module("ministack.services.secretsmanager")
    handler = provisioners()._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def name_of(physical_id: str) -> str:
        for name, secret in store._secrets.items():
            if secret["ARN"] == physical_id:
                return str(name)
        return physical_id

    def created(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        _, attributes = create(logical_id, props, stack_name)
        return attributes["Arn"], attributes

    def updated(physical_id: str, *more: object, **named: object) -> Any:
        _, attributes = update(name_of(physical_id), *more, **named)
        return attributes["Arn"], attributes

    def deleted(physical_id: str, *more: object, **named: object) -> Any:
        return delete(name_of(physical_id), *more, **named)

    handler.update(create=created, update=updated, delete=deleted)


PATCH = Patch(
    name="secrets",
    reason="Ref of AWS::SecretsManager::Secret is the name, so grant_read matches nothing under "
    "enforced IAM",
    sources=(
        Source(
            "ministack.services.cloudformation.provisioners:_sm_secret_create", "0bae0110fce2f2ba"
        ),
        Source(
            "ministack.services.cloudformation.provisioners:_sm_secret_update", "e87220a5ff35a459"
        ),
        Source(
            "ministack.services.cloudformation.provisioners:_sm_secret_delete", "4ff615ac828999af"
        ),
    ),
    apply=_apply,
)
