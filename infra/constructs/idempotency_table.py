"""Where answers to repeated requests are kept for a day."""

from constructs import Construct

from infra.constructs.service_function import ServiceFunction
from infra.constructs.tables import table
from infra.environments import Environment


class Answers(Construct):
    """
    The table behind `Idempotency-Key`, in the shape Powertools expects.

    Stateful, but losing it costs no more than a day of remembered answers.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        self.table = table(
            self,
            "Table",
            environment=environment,
            partition_key="id",
            sort_key=None,
            time_to_live="expiration",
        )

    def let_remember(self, function: ServiceFunction) -> None:
        """Let *function* keep answers and look them up."""
        function.knows(IDEMPOTENCY_TABLE=self.table.table_name)
        function.may(
            [
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
            ],
            [self.table.table_arn],
        )
