"""What operators see: alarms, dashboards, saved queries."""

from typing import Any, cast

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.constructs.alarms import Alarms
from infra.constructs.dashboards import Dashboards
from infra.constructs.saved_queries import SavedQueries
from infra.environments import Environment
from infra.stacks.data import DataStack


class OperationsStack(Stack):
    """Watches the other stacks by the names of their resources; nothing depends on it."""

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
        tables = {
            "credit-entries": data.ledger.entries,
            "credit-state": data.ledger.state,
            "records": data.records.table,
        }
        alarms = Alarms(
            self,
            "Alarms",
            environment=environment,
            tables={name: cast("dynamodb.ITable", table) for name, table in tables.items()},
        )
        Dashboards(self, "Dashboards", environment=environment, alarms=alarms.alarms)
        if environment.platform.saved_queries:
            SavedQueries(self, "SavedQueries", environment=environment)
        CfnOutput(self, "AlarmTopicArn", value=alarms.topic.topic_arn)
