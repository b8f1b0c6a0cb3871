"""Where responses are kept for a day, so that a repeated request gets the same one."""

from constructs import Construct

from infra.constructs.service_function import ServiceFunction
from infra.constructs.tables import table
from infra.environments import Environment


class IdempotencyTable(Construct):
    """
    The table behind `Idempotency-Key`, in the shape Powertools expects.

    Stateful, but losing it costs no more than a day of stored responses.
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

    def grant_read_write(self, function: ServiceFunction) -> None:
        """Let *function* store responses and look them up."""
        function.add_environment(IDEMPOTENCY_TABLE=self.table.table_name)
        function.allow(
            [
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
            ],
            [self.table.table_arn],
        )
