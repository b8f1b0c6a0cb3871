"""The REST API with explicit routes, and responses of its own for everything else."""

import json
import re
from collections.abc import Sequence
from typing import Final

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import functions
from infra.constructs.acknowledgements import acknowledge
from infra.constructs.api_body import ApiBody
from infra.constructs.live_functions import LiveFunctions
from infra.environments import Environment
from infra.functions.spec import FunctionSpec
from infra.routes import READING, Route, Throttle

STAGE: Final = "live"

# What the access log keeps of a request. No address, agent, token or query: they are personal.
ACCESS_LOG: Final = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "error_type": "$context.error.responseType",
    "caller": "$context.authorizer.kind",
    "authorizer_latency_ms": "$context.authorizer.latency",
    "integration_latency_ms": "$context.integration.latency",
    "latency_ms": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "trace_id": "$context.xrayTraceId",
}


class PublicApi(Construct):
    """
    The REST API of *routes*: one resource, made of the document in `api_body.py`.

    Each route may call its function, by a permission of its own; nothing else may.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        routes: Sequence[Route],
    ) -> None:
        super().__init__(scope, construct_id)
        self._functions = LiveFunctions(self, "Functions", environment=environment)
        name = environment.name_of("api")
        authorizer = functions.accounts.AUTHORIZER
        body = ApiBody(
            title=name,
            routes=routes,
            origins=environment.allowed_origins,
            authorizer=authorizer,
            address_of=self._address_of,
        )
        self.api = apigateway.SpecRestApi(
            self,
            "Api",
            rest_api_name=name,
            description="The API of Echoes.",
            api_definition=apigateway.ApiDefinition.from_inline(body.document()),
            # By default, a route that was removed from the document would stay.
            mode=apigateway.RestApiMode.OVERWRITE,
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=False,
            deploy_options=self._stage(environment, routes),
        )
        self.api.deployment_stage.node.add_dependency(self._account())
        for route in routes:
            path = re.sub(r"{[^}]+}", "*", route.path)
            self._permit(
                f"{route.method} {route.path.strip('/').replace('/', '.')}",
                route.function,
                self.api.arn_for_execute_api(route.method, path, STAGE),
            )
        # The document names the authorizer; its id is known only to the gateway.
        self._permit("Authorizer", authorizer, self._authorizers_arn())
        acknowledge(
            self.api,
            {
                "AwsSolutions-APIG2": (
                    "Functions check bodies against their schemas and name each wrong field; the "
                    "gateway's own validation could only say that something is wrong."
                )
            },
        )

    def _address_of(self, spec: FunctionSpec) -> str:
        arn = self._functions.of(spec).function_arn
        return Stack.of(self).format_arn(
            service="apigateway",
            account="lambda",
            resource=f"path/2015-03-31/functions/{arn}/invocations",
        )

    def _authorizers_arn(self) -> str:
        return Stack.of(self).format_arn(
            service="execute-api", resource=self.api.rest_api_id, resource_name="authorizers/*"
        )

    def _permit(self, permission_id: str, spec: FunctionSpec, source_arn: str) -> None:
        self._functions.of(spec).add_permission(
            permission_id,
            principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
            source_arn=source_arn,
        )

    def _stage(self, environment: Environment, routes: Sequence[Route]) -> apigateway.StageOptions:
        access_log = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name=f"/echoes/{environment.name}/access",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        return apigateway.StageOptions(
            stage_name=STAGE,
            tracing_enabled=True,
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            # Whole requests and responses hold tokens and prompts.
            data_trace_enabled=False,
            throttling_rate_limit=READING.per_second,
            throttling_burst_limit=READING.burst,
            access_log_destination=apigateway.LogGroupLogDestination(access_log),
            access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
            method_options={
                f"{route.path}/{route.method}": _limits(route.throttle) for route in routes
            },
        )

    def _account(self) -> apigateway.CfnAccount:
        """Return the setting that lets API Gateway write logs; all APIs of a region share it."""
        role = iam.Role(
            self,
            "LogRole",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name(
                    "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
                )
            ],
        )
        role.apply_removal_policy(RemovalPolicy.RETAIN)
        finding = (
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/"
            "service-role/AmazonAPIGatewayPushToCloudWatchLogs]"
        )
        acknowledge(
            role,
            {finding: "API Gateway accepts only a role as wide as this policy, which is its own."},
        )
        account = apigateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)
        account.apply_removal_policy(RemovalPolicy.RETAIN)
        return account


def _limits(throttle: Throttle) -> apigateway.MethodDeploymentOptions:
    return apigateway.MethodDeploymentOptions(
        throttling_rate_limit=throttle.per_second,
        throttling_burst_limit=throttle.burst,
        logging_level=apigateway.MethodLoggingLevel.ERROR,
        data_trace_enabled=False,
    )
