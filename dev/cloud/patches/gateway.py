"""
A REST API answers its own errors, bounds and request ids as API Gateway does.

Upstream: a handler's exception text reaches the caller, a malformed response is a 200, bodies have
no bound, response and function see different request ids, throttles of single methods do not hold,
and templates know few variables, those of mocks none.

AWS: a function's error or malformed response is a 502 without its text (API Gateway Developer
Guide, "Handle Lambda errors in API Gateway"), errors of the gateway are gateway responses ("Gateway
response types for API Gateway"), a payload has at most 10 MB ("Quotas for configuring and running a
REST API"), and `$context.requestId` is the id of the request.

Mended upstream when these pass in `tests/integration/cloud/` with `ECHOES_CLOUD_PATCHES=-gateway`:

* `test_rest_api.py::test_a_handlers_exception_is_a_502_that_tells_nothing`
* `test_rest_api.py::test_an_answer_without_a_status_is_a_502`
* `test_rest_api.py::test_function_and_response_share_the_request_id`
* `test_rest_api.py::test_a_body_over_ten_megabytes_is_refused`
* `test_rest_api.py::test_a_methods_own_throttle_holds`
* `test_rest_api.py::test_a_mocks_answer_names_the_request`
"""

import base64
import contextvars
import importlib
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from dev.cloud.patches.patch import Patch, Source, provisioners

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
LARGEST_BODY_BYTES = 10 * 1024 * 1024

_current: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar(
    "gateway_request", default=None
)


def is_proxy_response(body: object) -> bool:
    """Tell whether a function's result has the shape of a proxy integration's response."""
    if not isinstance(body, dict):
        return False
    allowed = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "cookies"}
    text = body.get("body")
    return (
        str(body.get("statusCode", "")).isdigit()
        and (text is None or isinstance(text, str))
        and not set(body) - allowed
    )


def context_variables(request: dict[str, Any]) -> dict[str, str]:
    """Return the `$context` variables that error templates may use besides the emulator's own."""
    now = datetime.now(UTC)
    agent = str(request["headers"].get("user-agent", ""))
    return {
        "context.apiId": request["api_id"],
        "context.extendedRequestId": extended_request_id(request["request_id"]),
        "context.httpMethod": request.get("method", ""),
        "context.path": f"/{request['stage_name']}{request.get('path', '')}",
        "context.protocol": "HTTP/1.1",
        "context.requestId": request["request_id"],
        "context.requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "context.requestTimeEpoch": str(int(now.timestamp() * 1000)),
        "context.identity.sourceIp": "127.0.0.1",
        "context.identity.userAgent": agent,
        "context.domainName": str(request["headers"].get("host", "")),
        "context.error.validationErrorString": "",
    }


def extended_request_id(request_id: str) -> str:
    """Return the second id of a request; it has AWS's form and follows from the first."""
    return base64.b64encode(request_id.replace("-", "")[:11].encode()).decode()


def _apply() -> None:
    gateway: Any = importlib.import_module("ministack.services.apigateway_v1")
    _answer_failures(gateway)
    _share_request_id(gateway)
    _fill_templates(gateway)
    _fill_mock_answers(gateway)
    _read_method_paths()


def _read_method_paths() -> None:
    """Read a template's path of a method, whose slashes are escaped: `/~1v1~1clips`."""
    cfn: Any = provisioners()
    settings_of = cfn._apigw_method_settings

    @wraps(settings_of)
    def settings_by_plain_path(raw: Any) -> Any:
        found = settings_of(raw)
        return {
            "/" + key.replace("~1", "/").lstrip("/") if "~1" in key else key: entry
            for key, entry in found.items()
        }

    cfn._apigw_method_settings = settings_by_plain_path


def _answer_failures(gateway: Any) -> None:
    invoke, call = gateway._invoke_lambda_proxy_v1, gateway._call_lambda_raw
    outcome: contextvars.ContextVar[Any] = contextvars.ContextVar("lambda_outcome", default=None)

    @wraps(call)
    async def call_and_remember(*args: object, **named: object) -> Any:
        result, error = await call(*args, **named)
        outcome.set(result)
        return result, error

    @wraps(invoke)
    async def invoke_or_gateway_error(*args: object, **named: object) -> Any:
        outcome.set(None)
        response = await invoke(*args, **named)
        result = outcome.get()
        if result is None:
            return response
        if result.get("throttle"):
            return gateway._GatewayError("DEFAULT_5XX", "Internal server error")
        if result.get("error") or not is_proxy_response(result.get("body")):
            error = gateway._GatewayError(
                "DEFAULT_5XX", "Internal server error", "InternalServerErrorException"
            )
            error.status = 502
            return error
        return response

    gateway._call_lambda_raw = call_and_remember
    gateway._invoke_lambda_proxy_v1 = invoke_or_gateway_error
    execute = gateway._execute_in_scope

    @wraps(execute)
    async def execute_within_bounds(
        request: dict[str, Any],
        api_id: str,
        stage_name: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        *more: object,
    ) -> Any:
        request.update(method=method, path=path)
        _current.set(request)
        stage = gateway._stages_v1.get(api_id, {}).get(stage_name)
        if stage and len(body or b"") > LARGEST_BODY_BYTES:
            request["stage"] = stage
            return gateway._GatewayError(
                "REQUEST_TOO_LARGE", "Request Too Long", "RequestEntityTooLargeException"
            )
        return await execute(request, api_id, stage_name, method, path, headers, body, *more)

    gateway._execute_in_scope = execute_within_bounds


def _share_request_id(gateway: Any) -> None:
    build, handle = gateway._build_lambda_event_v1, gateway._handle_execute_in_scope

    @wraps(build)
    def build_with_request_id(*args: object, **named: object) -> Any:
        event = build(*args, **named)
        request = _current.get()
        if request is not None:
            context = event["requestContext"]
            context["requestId"] = request["request_id"]
            context["extendedRequestId"] = extended_request_id(request["request_id"])
            host = str(request["headers"].get("host", ""))
            context["domainName"], context["domainPrefix"] = host, context["apiId"]
        return event

    @wraps(handle)
    async def handle_with_request_id(*args: object, **named: object) -> Any:
        _current.set(None)
        status, headers, body = await handle(*args, **named)
        request = _current.get()
        if request is not None:
            headers.setdefault("x-amzn-requestid", request["request_id"])
            headers.setdefault("x-amz-apigw-id", extended_request_id(request["request_id"]))
        return status, headers, body

    gateway._build_lambda_event_v1 = build_with_request_id
    gateway._handle_execute_in_scope = handle_with_request_id


def _fill_templates(gateway: Any) -> None:
    render, value_of = gateway._gateway_error_response, gateway._gateway_request_value

    @wraps(render)
    def render_with_more_variables(error: Any, request: dict[str, Any]) -> Any:
        status, headers, body = render(error, request)
        customised = gateway._deployed_gateway_responses.get(request["api_id"], {}).get(
            (request["stage"] or {}).get("deploymentId"), {}
        )
        own_status = (customised.get(error.response_type) or {}).get("statusCode")
        if getattr(error, "status", None) and not own_status:
            status = error.status
        return status, headers, _filled(gateway, body, request)

    @wraps(value_of)
    def value_of_any_variable(source: str, request: dict[str, Any]) -> Any:
        found = value_of(source, request)
        return context_variables(request).get(source) if found is None else found

    gateway._gateway_error_response = render_with_more_variables
    gateway._gateway_request_value = value_of_any_variable


def _fill_mock_answers(gateway: Any) -> None:
    answer = gateway._invoke_mock_v1

    @wraps(answer)
    def answer_with_variables(integration: dict[str, Any]) -> Any:
        status, headers, body = answer(integration)
        request = _current.get()
        return status, headers, body if request is None else _filled(gateway, body, request)

    gateway._invoke_mock_v1 = answer_with_variables


def _filled(gateway: Any, body: bytes, request: dict[str, Any]) -> bytes:
    """Return *body* with the `$context` variables we know; the others stay as they are written."""
    variables = context_variables(request)
    filled: str = gateway._GATEWAY_TEMPLATE_VARIABLE.sub(
        lambda found: variables.get(found.group(1) or found.group(2), found.group(0)),
        body.decode(),
    )
    return filled.encode()


PATCH = Patch(
    name="gateway",
    reason="a handler's exception text reaches the caller, a malformed answer is a 200, 10 MB is "
    "no bound, response and function see different request ids, templates know few variables, "
    "those of mocks none",
    sources=(
        Source("ministack.services.apigateway_v1:_invoke_lambda_proxy_v1", "5651a96fa7ba1ad6"),
        Source("ministack.services.apigateway_v1:_call_lambda_raw", "a2df5d6c5b304e00"),
        Source("ministack.services.apigateway_v1:_execute_in_scope", "2ae72b7d5eb64690"),
        Source("ministack.services.apigateway_v1:_handle_execute_in_scope", "60ed5805557fdae6"),
        Source("ministack.services.apigateway_v1:_build_lambda_event_v1", "c7ac97b91f6ee999"),
        Source("ministack.services.apigateway_v1:_gateway_error_response", "c0a3f091df36886a"),
        Source("ministack.services.apigateway_v1:_gateway_request_value", "92e211297e7f4054"),
        Source("ministack.services.apigateway_v1:_invoke_mock_v1", "20f819eee1f9c8bc"),
        Source(
            "ministack.services.cloudformation.provisioners:_apigw_method_settings",
            "a30d9f51a34360a1",
        ),
        Source("ministack.services.apigateway_v1:_GatewayError", "650887b48e81e669"),
    ),
    apply=_apply,
)
