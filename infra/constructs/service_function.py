"""A Lambda function with the defaults that every function of the service shares."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.acknowledgements import XRAY, acknowledge
from infra.constructs.dead_letters import DeadLetters
from infra.constructs.runtime_layers import RuntimeLayers
from infra.environments import Environment
from infra.functions.spec import FunctionSpec

LAMBDAS: Final = Path(__file__).parents[2] / "lambdas"
ALIAS: Final = "live"
"""The alias that every caller uses."""

# An event is tried three times within an hour; then an operator looks into it.
RETRIES: Final = 2
LONGEST_EVENT_AGE: Final = Duration.hours(1)


class ServiceFunction(Construct):
    """
    One entry point with a role of its own, behind the alias `live`.

    Code and layers are updated by separate calls, so `$LATEST` can briefly pair new code with an
    old layer. A published version cannot: callers only ever see the alias.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spec: FunctionSpec,
        environment: Environment,
        layers: RuntimeLayers,
    ) -> None:
        super().__init__(scope, construct_id)
        self.spec = spec
        platform = environment.platform
        name = environment.name_of(spec.name)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"What {spec.name} may do.",
        )
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/echoes/{environment.name}/{spec.name}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        log_group.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=name,
            description=spec.does,
            code=lambda_.Code.from_asset(
                str(LAMBDAS / spec.folder),
                exclude=["**/__pycache__"],
                ignore_mode=IgnoreMode.GLOB,
            ),
            handler=spec.handler,
            runtime=lambda_.Runtime(platform.runtime, supports_snap_start=True),
            architecture=lambda_.Architecture.custom(platform.architecture),
            layers=[
                layers.core,
                layers.vendor,
                *([layers.video] if spec.video else []),
            ],
            role=cast("iam.IRole", self.role),
            environment={
                "POWERTOOLS_SERVICE_NAME": spec.name,
                "POWERTOOLS_METRICS_NAMESPACE": "Echoes",
                "POWERTOOLS_LOG_LEVEL": environment.log_level,
            },
            timeout=Duration.seconds(spec.timeout_seconds),
            memory_size=spec.memory_mib,
            reserved_concurrent_executions=(
                spec.concurrency if platform.reserved_concurrency else None
            ),
            snap_start=(
                lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS
                if spec.snap_start and platform.snap_start
                else None
            ),
            tracing=lambda_.Tracing.ACTIVE,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel(environment.log_level),
            # The platform's own start and report lines cost as much as a poll.
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            log_group=log_group,
        )
        acknowledge(self.role, XRAY)
        acknowledge(
            self.function,
            {
                "Annotation::@aws-cdk/aws-lambda:snapStartRequirePublish": "`live` is a version.",
                "AwsSolutions-L1": "Functions run on the Python that the tests run on.",
            },
        )
        self.alias = self.function.add_alias(ALIAS)
        self.dead_letters: DeadLetters | None = None
        if spec.asynchronous:
            self.dead_letters = DeadLetters(self, "DeadLetters", queue_name=f"{name}-dead-letters")
            self.alias.configure_async_invoke(
                on_failure=destinations.SqsDestination(self.dead_letters.queue),
                retry_attempts=RETRIES,
                max_event_age=LONGEST_EVENT_AGE,
            )

    def add_environment(self, **variables: str) -> None:
        """Set environment variables. Never a secret: those are named by their ARN."""
        for name, value in variables.items():
            self.function.add_environment(name, value)

    def allow(
        self,
        actions: Sequence[str],
        resources: Sequence[str],
        *,
        conditions: Mapping[str, Any] | None = None,
    ) -> None:
        """Allow *actions*, written out, on *resources*."""
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=list(actions), resources=list(resources), conditions=conditions
            )
        )

    def deny(self, actions: Sequence[str], resources: Sequence[str]) -> None:
        """Deny *actions*, even if they are allowed elsewhere, now or later."""
        self.role.add_to_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY, actions=list(actions), resources=list(resources)
            )
        )
