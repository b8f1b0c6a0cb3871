"""A state machine with our defaults: traced, logged without contents, calling only its tasks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from aws_cdk import Arn, ArnComponents, ArnFormat, RemovalPolicy, Stack, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.acknowledgements import XRAY, acknowledge
from infra.constructs.service_function import ServiceFunction

# Step Functions can only ask for these for all of CloudWatch Logs.
_DELIVER_LOGS: Final = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
_TRACE: Final = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)


def state_machine(
    scope: Construct,
    *,
    name: str,
    definition: Path,
    comment: str,
    tasks: Mapping[str, ServiceFunction],
    substitutions: Mapping[str, str] | None = None,
) -> sfn.StateMachine:
    """
    Return the machine of *definition*, with a role and a group of logs of its own.

    *tasks* maps placeholders (`Submit` for `${SubmitFunctionArn}`) to functions; the machine calls
    their alias and may call nothing else.
    """
    role = iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["lambda:InvokeFunction"],
            resources=[task.alias.function_arn for task in tasks.values()],
        )
    )
    role.add_to_policy(iam.PolicyStatement(actions=[*_DELIVER_LOGS, *_TRACE], resources=["*"]))
    acknowledge(
        role,
        XRAY
        | {
            "AwsSolutions-IAM5[Resource::*]": (
                "Log delivery and X-Ray have no resources that a policy could name."
            )
        },
    )
    return sfn.StateMachine(
        scope,
        "StateMachine",
        state_machine_name=name,
        comment=comment,
        definition_body=sfn.DefinitionBody.from_string(definition.read_text()),
        definition_substitutions={
            f"{task}FunctionArn": function.alias.function_arn for task, function in tasks.items()
        }
        | dict(substitutions or {}),
        state_machine_type=sfn.StateMachineType.STANDARD,
        role=cast("iam.IRole", role),
        tracing_enabled=True,
        logs=sfn.LogOptions(
            level=sfn.LogLevel.ALL,
            # Inputs hold who ordered what; the ids in the functions' logs are enough.
            include_execution_data=False,
            destination=logs.LogGroup(
                scope,
                "Logs",
                # The prefix keeps the account's resource policy for log delivery small.
                log_group_name=f"/aws/vendedlogs/states/{name}",
                retention=logs.RetentionDays.ONE_MONTH,
                removal_policy=RemovalPolicy.DESTROY,
            ),
        ),
    )


def grant_describe_and_stop(function: ServiceFunction, *, name: str) -> None:
    """Let *function* ask how executions of the machine *name* are, and stop them."""
    stack = Stack.of(function)
    executions = Arn.format(
        ArnComponents(
            service="states",
            resource="execution",
            resource_name=f"{name}:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        ),
        stack,
    )
    function.allow(["states:DescribeExecution", "states:StopExecution"], [executions])
    # cdk-nag writes what is not known before deployment by the name of its variable.
    partition, region, account = (
        f"<AWS::{variable}>" if Token.is_unresolved(value) else value
        for variable, value in (
            ("Partition", stack.partition),
            ("Region", stack.region),
            ("AccountId", stack.account),
        )
    )
    acknowledge(
        function.role,
        {
            f"AwsSolutions-IAM5[Resource::arn:{partition}:states:{region}:{account}"
            f":execution:{name}:*]": (
                "Executions are named after what they carry; the machine is named in full."
            )
        },
    )
