"""What the capabilities share: the functions, the workflows, the queue of payments."""

from collections.abc import Mapping
from dataclasses import dataclass

from constructs import Construct

from infra.constructs.assembly_workflow import AssemblyWorkflow
from infra.constructs.generation_workflow import GenerationWorkflow
from infra.constructs.payment_intake import PaymentIntake
from infra.constructs.service_function import ServiceFunction
from infra.environments import Environment
from infra.functions.spec import FunctionSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The service stack as its capabilities see it; they add rules and schedules to *scope*."""

    scope: Construct
    environment: Environment
    functions: Mapping[FunctionSpec, ServiceFunction]
    generation: GenerationWorkflow
    assembly: AssemblyWorkflow
    payments: PaymentIntake
