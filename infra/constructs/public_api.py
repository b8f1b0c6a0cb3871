"""The door: a REST API with explicit routes, and answers of its own for everything else."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import functions
from infra.constructs.acknowledgements import acknowledge
from infra.constructs.gateway_problems import (
    CONTENT_TYPE,
    GATEWAY_PROBLEMS,
    METHOD_NOT_ALLOWED,
    GatewayProblem,
)
from infra.constructs.live_functions import LiveFunctions
from infra.environments import Environment
from infra.routes import READING, Route, Throttle

STAGE: Final = "live"
REQUEST_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
)
# A token is three base64url parts; anything else is refused without asking the authorizer.
BEARER_PATTERN: Final = r"^[Bb]earer [A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"
AUTHORIZER_CACHE: Final = Duration.seconds(300)

# What is known of a request afterwards. No address, agent, token or query: they are people's.
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
    The REST API of *routes*.

    Every error of the gateway is a problem document with CORS headers, preflight requests are
    answered without a function, and a wrong method on a known path is a 405 that names the right.
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
        origins = environment.allowed_origins
        # One origin is named; between several, a fixed header can only say "any", which gives
        # nothing away: there are no cookies, and these answers hold nothing personal.
        self._origin = origins[0] if len(origins) == 1 else "*"
        self.api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=environment.name_of("api"),
            description="The API of Echoes.",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=False,
            deploy_options=self._stage(environment, routes),
            default_cors_preflight_options=apigateway.CorsOptions(
                allow_origins=list(origins),
                allow_headers=list(REQUEST_HEADERS),
                allow_methods=["GET", "POST", "PATCH", "DELETE", "OPTIONS"],
                max_age=Duration.hours(2),
                status_code=204,
            ),
        )
        self.api.deployment_stage.node.add_dependency(self._account())
        self._functions = LiveFunctions(self, "Functions", environment=environment)
        self._authorizer = apigateway.TokenAuthorizer(
            self,
            "Authorizer",
            handler=self._functions.of(functions.accounts.AUTHORIZER),
            identity_source="method.request.header.Authorization",
            validation_regex=BEARER_PATTERN,
            results_cache_ttl=AUTHORIZER_CACHE,
        )
        methods_of = defaultdict(list)
        for route in routes:
            self._add(route)
            methods_of[route.path].append(route.method)
        for path, methods in methods_of.items():
            self._refuse_other_methods(path, methods)
        for response_type, problem in GATEWAY_PROBLEMS:
            self._answer(response_type, problem)
        acknowledge(
            self.api,
            {
                "AwsSolutions-APIG2": (
                    "Functions check bodies against their schemas and name each wrong field; the "
                    "gateway's own validation could only say that something is wrong."
                ),
                "AwsSolutions-COG4": (
                    "The Lambda authorizer verifies Cognito's access tokens, and guests' as well."
                ),
            },
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

    def _add(self, route: Route) -> None:
        resource = self.api.root.resource_for_path(route.path)
        method = resource.add_method(
            route.method,
            apigateway.LambdaIntegration(
                self._functions.of(route.function), proxy=True, allow_test_invoke=False
            ),
            authorizer=None if route.public else self._authorizer,
            authorization_type=(
                apigateway.AuthorizationType.NONE
                if route.public
                else apigateway.AuthorizationType.CUSTOM
            ),
        )
        if route.public:
            acknowledge(method, {"AwsSolutions-APIG4": "People use it before they sign in."})

    def _refuse_other_methods(self, path: str, methods: list[str]) -> None:
        headers = {
            **self._headers(METHOD_NOT_ALLOWED),
            "Allow": f"'{', '.join([*sorted(methods), 'OPTIONS'])}'",
        }
        status = str(METHOD_NOT_ALLOWED.status)
        # An integration's answer reads the context, but not by the names of gateway responses.
        headers.pop("X-Request-Id")
        method = self.api.root.resource_for_path(path).add_method(
            "ANY",
            apigateway.MockIntegration(
                passthrough_behavior=apigateway.PassthroughBehavior.NEVER,
                request_templates={"application/json": f'{{"statusCode": {status}}}'},
                integration_responses=[
                    apigateway.IntegrationResponse(
                        status_code=status,
                        response_parameters={
                            f"method.response.header.{name}": value
                            for name, value in headers.items()
                        },
                        response_templates={"application/json": METHOD_NOT_ALLOWED.template()},
                    )
                ],
            ),
            method_responses=[
                apigateway.MethodResponse(
                    status_code=status,
                    response_parameters={
                        f"method.response.header.{name}": True for name in headers
                    },
                )
            ],
            authorization_type=apigateway.AuthorizationType.NONE,
        )
        acknowledge(method, {"AwsSolutions-APIG4": "It only says which methods there are."})

    def _answer(self, response_type: apigateway.ResponseType, problem: GatewayProblem) -> None:
        name = response_type.response_type.title().replace("_", "")
        self.api.add_gateway_response(
            name,
            type=response_type,
            status_code=str(problem.status),
            response_headers=self._headers(problem),
            templates={"application/json": problem.template()},
        )

    def _headers(self, problem: GatewayProblem) -> dict[str, str]:
        fixed = {
            "Content-Type": CONTENT_TYPE,
            "Cache-Control": "no-store",
            "Access-Control-Allow-Origin": self._origin,
            "Access-Control-Expose-Headers": (
                "RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id"
            ),
            **problem.headers,
        }
        # A quoted value is a constant, a plain one names a variable.
        return {name: f"'{value}'" for name, value in fixed.items()} | {
            "X-Request-Id": "context.requestId"
        }


def _limits(throttle: Throttle) -> apigateway.MethodDeploymentOptions:
    return apigateway.MethodDeploymentOptions(
        throttling_rate_limit=throttle.per_second,
        throttling_burst_limit=throttle.burst,
        logging_level=apigateway.MethodLoggingLevel.ERROR,
        data_trace_enabled=False,
    )
