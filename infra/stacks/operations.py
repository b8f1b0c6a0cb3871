"""What operators see: alarms, dashboards, saved queries."""

from typing import Any

from aws_cdk import Stack
from constructs import Construct

from infra.environments import Environment
from infra.stacks.data import DataStack


class OperationsStack(Stack):
    """Watches the other two by the names of what they made; nothing depends on it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        data: DataStack,
        **properties: Any,  # noqa: ANN401  # the properties of aws_cdk.Stack
    ) -> None:
        super().__init__(
            scope, construct_id, description="Echoes: alarms, dashboards, queries.", **properties
        )
