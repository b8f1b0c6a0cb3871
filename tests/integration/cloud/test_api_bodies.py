"""The local cloud makes a REST API of an OpenAPI body, and keeps its address when it changes."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from dev.cloud.ephemeral import EphemeralCloud


def mock(status: int, *, headers: dict[str, str], body: str) -> dict[str, Any]:
    return {
        "responses": {str(status): {"description": "-", "headers": {name: {} for name in headers}}},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "passthroughBehavior": "never",
            "requestTemplates": {"application/json": json.dumps({"statusCode": status})},
            "responses": {
                "default": {
                    "statusCode": str(status),
                    "responseParameters": {
                        f"method.response.header.{name}": f"'{value}'"
                        for name, value in headers.items()
                    },
                    "responseTemplates": {"application/json": body},
                }
            },
        },
    }


def body(path: str) -> dict[str, Any]:
    return {
        "openapi": "3.0.1",
        "info": {"title": "bodies", "version": "1"},
        "paths": {
            path: {
                "get": mock(203, headers={"X-Kind": "get"}, body='{"id":"$context.requestId"}'),
                "x-amazon-apigateway-any-method": mock(405, headers={"Allow": "GET"}, body="{}"),
            }
        },
        "x-amazon-apigateway-gateway-responses": {
            "MISSING_AUTHENTICATION_TOKEN": {
                "statusCode": "404",
                "responseParameters": {"gatewayresponse.header.X-Kind": "'unknown'"},
                "responseTemplates": {"application/json": '{"type":"no-such-route"}'},
            }
        },
    }


def template(path: str, deployment: str) -> str:
    return json.dumps(
        {
            "Resources": {
                "Api": {
                    "Type": "AWS::ApiGateway::RestApi",
                    "Properties": {"Name": "bodies", "Mode": "overwrite", "Body": body(path)},
                },
                deployment: {
                    "Type": "AWS::ApiGateway::Deployment",
                    "Properties": {"RestApiId": {"Ref": "Api"}},
                },
                "Stage": {
                    "Type": "AWS::ApiGateway::Stage",
                    "Properties": {
                        "RestApiId": {"Ref": "Api"},
                        "DeploymentId": {"Ref": deployment},
                        "StageName": "v",
                    },
                },
            },
            "Outputs": {"Id": {"Value": {"Ref": "Api"}}},
        }
    )


class BodiesStack:
    """One stack of one API, deployed and deployed again."""

    def __init__(self, cloud: EphemeralCloud) -> None:
        self._cloudformation = cloud.client("cloudformation")
        self._endpoint = cloud.endpoints().aws_endpoint_url
        self.name = f"bodies-{uuid.uuid4().hex[:8]}"

    def create(self, path: str) -> str:
        self._cloudformation.create_stack(StackName=self.name, TemplateBody=template(path, "First"))
        return self._id("stack_create_complete")

    def update(self, path: str) -> str:
        self._cloudformation.update_stack(
            StackName=self.name, TemplateBody=template(path, "Second")
        )
        return self._id("stack_update_complete")

    def _id(self, state: Any) -> str:  # noqa: ANN401  # one of boto3's literals
        waiter = self._cloudformation.get_waiter(state)
        waiter.wait(StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        (stack,) = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        (output,) = stack["Outputs"]
        return str(output["OutputValue"])

    def call(self, api_id: str, method: str, path: str) -> requests.Response:
        url = f"{self._endpoint}/_aws/execute-api/{api_id}/v{path}"
        return requests.request(method, url, timeout=40)

    def delete(self) -> None:
        self._cloudformation.delete_stack(StackName=self.name)


@pytest.fixture
def stack(cloud: EphemeralCloud) -> Iterator[BodiesStack]:
    made = BodiesStack(cloud)
    yield made
    made.delete()


def test_a_body_is_imported_whole(stack: BodiesStack) -> None:
    """Mocks answer with their status, headers and body, ANY takes the rest, errors are ours."""
    api_id = stack.create("/things/{id}")
    found = stack.call(api_id, "GET", "/things/7")
    assert (found.status_code, found.headers["x-kind"]) == (203, "get")
    assert found.json() == {"id": found.headers["x-amzn-requestid"]}
    refused = stack.call(api_id, "PUT", "/things/7")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    unknown = stack.call(api_id, "GET", "/nothing")
    assert (unknown.status_code, unknown.headers["x-kind"]) == (404, "unknown")
    assert unknown.json() == {"type": "no-such-route"}


def test_a_changed_body_keeps_the_address(stack: BodiesStack) -> None:
    """The same API serves the new routes, and those that are gone are gone."""
    before = stack.create("/old")
    after = stack.update("/new")
    assert after == before
    assert stack.call(after, "GET", "/new").status_code == 203
    assert stack.call(after, "GET", "/old").status_code == 404
