"""The state machine that carries an attempt from submission to settlement."""

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
from infra.environments import Environment

DEFINITION: Final = Path(__file__).parents[1] / "workflows" / "generation.asl.json"
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


class GenerationWorkflow(Construct):
    """
    Submit → poll → finish → settle; the states are in ``workflows/generation.asl.json``.

    *tasks* maps the placeholders of the definition (`Submit` for `${SubmitFunctionArn}`) to
    functions; the machine calls their alias and may call nothing else.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        tasks: Mapping[str, ServiceFunction],
    ) -> None:
        super().__init__(scope, construct_id)
        self._name = environment.name_of("generation")
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
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
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=self._name,
            comment="Carries one attempt at a clip.",
            definition_body=sfn.DefinitionBody.from_string(DEFINITION.read_text()),
            definition_substitutions={
                f"{name}FunctionArn": task.alias.function_arn for name, task in tasks.items()
            }
            | {"ReconcileAfterSeconds": str(environment.reconcile_after_seconds)},
            state_machine_type=sfn.StateMachineType.STANDARD,
            role=cast("iam.IRole", role),
            tracing_enabled=True,
            logs=sfn.LogOptions(
                level=sfn.LogLevel.ALL,
                # Inputs hold who ordered what; the ids in the functions' logs are enough.
                include_execution_data=False,
                destination=logs.LogGroup(
                    self,
                    "Logs",
                    # The prefix keeps the account's resource policy for log delivery small.
                    log_group_name=f"/aws/vendedlogs/states/{self._name}",
                    retention=logs.RetentionDays.ONE_MONTH,
                    removal_policy=RemovalPolicy.DESTROY,
                ),
            ),
        )

    def let_start(self, function: ServiceFunction) -> None:
        """Let *function* start executions."""
        function.knows(GENERATION_STATE_MACHINE_ARN=self.state_machine.state_machine_arn)
        function.may(["states:StartExecution"], [self.state_machine.state_machine_arn])

    def let_look_and_stop(self, function: ServiceFunction) -> None:
        """Let *function* ask how executions are and stop them."""
        function.knows(GENERATION_STATE_MACHINE_ARN=self.state_machine.state_machine_arn)
        function.may(["states:DescribeExecution", "states:StopExecution"], [self._executions()])
        stack = Stack.of(self)
        # cdk-nag writes what is not known before deployment by the name of its variable.
        partition, region, account = (
            f"<AWS::{name}>" if Token.is_unresolved(value) else value
            for name, value in (
                ("Partition", stack.partition),
                ("Region", stack.region),
                ("AccountId", stack.account),
            )
        )
        acknowledge(
            function.role,
            {
                f"AwsSolutions-IAM5[Resource::arn:{partition}:states:{region}:{account}"
                f":execution:{self._name}:*]": (
                    "Executions are named after attempts; the machine is named in full."
                )
            },
        )

    def _executions(self) -> str:
        return Arn.format(
            ArnComponents(
                service="states",
                resource="execution",
                resource_name=f"{self._name}:*",
                arn_format=ArnFormat.COLON_RESOURCE_NAME,
            ),
            Stack.of(self),
        )
