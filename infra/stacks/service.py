"""What runs: functions, layers, workflows, and rules."""

from pathlib import Path
from typing import Any, Final

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra import functions
from infra.capabilities.accounts import equip_accounts
from infra.capabilities.audit import equip_audit
from infra.capabilities.clips import equip_clips
from infra.capabilities.films import equip_films
from infra.capabilities.payments import equip_payments
from infra.capabilities.projects import equip_projects
from infra.capabilities.rewards import equip_rewards
from infra.capabilities.service import Service
from infra.capabilities.uploads import equip_uploads
from infra.constructs.assembly_workflow import AssemblyWorkflow
from infra.constructs.generation_workflow import GenerationWorkflow
from infra.constructs.payment_intake import PaymentIntake
from infra.constructs.runtime_layers import RuntimeLayers
from infra.constructs.service_function import ServiceFunction
from infra.environments import Environment
from infra.functions import FUNCTIONS
from infra.stacks.data import DataStack

CAPABILITIES: Final = (
    equip_uploads,
    equip_clips,
    equip_films,
    equip_projects,
    equip_accounts,
    equip_payments,
    equip_audit,
    equip_rewards,
)


class ServiceStack(Stack):
    """
    The stateless half: it can be deleted and deployed again at any time.

    `infra/capabilities` says what each function may do and which variables it reads.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        data: DataStack,
        layers: Path,
        **properties: Any,  # noqa: ANN401  # the properties of aws_cdk.Stack
    ) -> None:
        super().__init__(
            scope, construct_id, description="Echoes: functions, workflows, rules.", **properties
        )
        runtime_layers = RuntimeLayers(self, "Layers", platform=environment.platform, folder=layers)
        built = {
            spec: ServiceFunction(
                self,
                spec.name.title().replace("-", ""),
                spec=spec,
                environment=environment,
                layers=runtime_layers,
            )
            for spec in FUNCTIONS
        }
        service = Service(
            scope=self,
            environment=environment,
            functions=built,
            generation=GenerationWorkflow(self, "Generation", environment=environment, built=built),
            assembly=AssemblyWorkflow(self, "Assembly", environment=environment, built=built),
            payments=PaymentIntake(
                self,
                "PaymentIntake",
                environment=environment,
                reconcile=built[functions.payments.WEBHOOKS_RECONCILE],
                sweep=built[functions.payments.WEBHOOKS_SWEEP],
            ),
        )
        for equip in CAPABILITIES:
            equip(service, data)
        for name, workflow in (
            ("Generation", service.generation.state_machine),
            ("Assembly", service.assembly.state_machine),
        ):
            CfnOutput(self, f"{name}StateMachineArn", value=workflow.state_machine_arn)
