"""
The body of a REST API is imported whole, and an update of it keeps the API's id.

Upstream: of an OpenAPI body only paths, methods and addresses of functions are imported. ANY
methods, the responses of mocks and gateway responses are dropped. Each change of the body makes a
new API with a new address.

AWS: `Body` takes the API Gateway extensions of OpenAPI, and its update needs no replacement
(CloudFormation, AWS::ApiGateway::RestApi; API Gateway Developer Guide, "OpenAPI extensions for API
Gateway").

Mended upstream when these pass in `tests/integration/cloud/` with
`ECHOES_CLOUD_PATCHES=-api-bodies`:

* `test_api_bodies.py::test_a_body_is_imported_whole`
* `test_api_bodies.py::test_a_changed_body_keeps_the_address`
"""

import importlib
from collections.abc import Mapping
from functools import wraps
from typing import Any

from dev.cloud.patches.patch import Patch, Source, provisioners

ANY_METHOD = "x-amazon-apigateway-any-method"
GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"
INTEGRATION = "x-amazon-apigateway-integration"
# What an import makes of a body, by the names of the emulator's stores.
STORES = ("_resources", "_authorizers_v1", "_models", "_gateway_responses")


def integration_of(extension: Mapping[str, Any]) -> dict[str, Any]:
    """Return what PutIntegration takes, of an extension that names the same in lower case."""
    found = {key: value for key, value in extension.items() if key != "responses"}
    for name in ("type", "passthroughBehavior", "connectionType", "contentHandling"):
        if name in found:
            found[name] = str(found[name]).upper()
    return found


def integration_responses_of(extension: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what PutIntegrationResponse takes, by status; `default` has no pattern."""
    return {
        str(response.get("statusCode", "200")): {
            "selectionPattern": "" if pattern == "default" else pattern,
            "responseParameters": response.get("responseParameters", {}),
            "responseTemplates": response.get("responseTemplates", {}),
        }
        for pattern, response in (extension.get("responses") or {}).items()
    }


def _apply() -> None:
    gateway: Any = importlib.import_module("ministack.services.apigateway_v1")
    _import_whole_operations(gateway)
    _import_any_methods(gateway)
    _import_gateway_responses(gateway)
    _update_in_place(gateway)


def _import_whole_operations(gateway: Any) -> None:
    import_operation = gateway._import_operation

    @wraps(import_operation)
    def import_whole_operation(
        api_id: str, resource_id: str, method: str, operation: dict[str, Any], *more: object
    ) -> None:
        import_operation(api_id, resource_id, method, operation, *more)
        for status, response in (operation.get("responses") or {}).items():
            headers = {
                f"method.response.header.{name}": True for name in response.get("headers") or {}
            }
            gateway._put_method_response(
                api_id, resource_id, method, str(status), {"responseParameters": headers}
            )
        extension = operation.get(INTEGRATION)
        if extension:
            gateway._put_integration(api_id, resource_id, method, integration_of(extension))
            for status, response in integration_responses_of(extension).items():
                gateway._put_integration_response(api_id, resource_id, method, status, response)

    gateway._import_operation = import_whole_operation


def _import_any_methods(gateway: Any) -> None:
    import_path_item = gateway._import_path_item

    @wraps(import_path_item)
    def import_with_any_method(api_id: str, path: str, item: dict[str, Any], *more: object) -> None:
        import_path_item(api_id, path, item, *more)
        if ANY_METHOD in item:
            (resource_id,) = (
                found
                for found, resource in gateway._resources[api_id].items()
                if resource["path"] == path
            )
            gateway._import_operation(api_id, resource_id, "ANY", item[ANY_METHOD], *more)

    gateway._import_path_item = import_with_any_method


def _import_gateway_responses(gateway: Any) -> None:
    import_api = gateway._import_rest_api

    @wraps(import_api)
    def import_with_gateway_responses(spec: dict[str, Any], *more: object) -> Any:
        api_id = import_api(spec, *more)
        for kind, response in (spec.get(GATEWAY_RESPONSES) or {}).items():
            gateway._put_gateway_response(api_id, kind, response)
        return api_id

    gateway._import_rest_api = import_with_gateway_responses


def _update_in_place(gateway: Any) -> None:
    """Replace what the body made and keep the API: its stages, its deployments, its address."""
    cfn: Any = provisioners()
    update = cfn._apigw_rest_api_update

    @wraps(update)
    def update_in_place(
        physical_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        stack_name: str,
        logical_id: str | None = None,
    ) -> Any:
        body = new.get("Body")
        if isinstance(body, dict) and body != old.get("Body"):
            fresh = gateway._import_rest_api(body)
            for name in STORES:
                store = getattr(gateway, name)
                store[physical_id] = store.pop(fresh)
            gateway._delete_rest_api(fresh)
        return update(physical_id, {**old, "Body": body}, new, stack_name, logical_id)

    cfn._RESOURCE_HANDLERS["AWS::ApiGateway::RestApi"]["update"] = update_in_place


PATCH = Patch(
    name="api-bodies",
    reason="of a body only paths, methods and addresses of functions are imported: no ANY, no "
    "mock's answer, no gateway response; each change of it is a new API with a new address",
    sources=(
        Source("ministack.services.apigateway_v1:_import_rest_api", "ef72f9312702dbb3"),
        Source("ministack.services.apigateway_v1:_import_path_item", "5634327444432ccd"),
        Source("ministack.services.apigateway_v1:_import_operation", "ca6b0dd9dcf2c8f1"),
        Source("ministack.services.apigateway_v1:_put_integration", "fd1a612acd0155a1"),
        Source("ministack.services.apigateway_v1:_put_integration_response", "128fe607f6c482fb"),
        Source("ministack.services.apigateway_v1:_put_method_response", "52b6151d8b0bc030"),
        Source("ministack.services.apigateway_v1:_put_gateway_response", "93e727fc3806527a"),
        Source("ministack.services.apigateway_v1:_delete_rest_api", "090487fcbfe361e3"),
        Source(
            "ministack.services.cloudformation.provisioners:_apigw_rest_api_update",
            "9dee2ef4d9518845",
        ),
    ),
    apply=_apply,
)
