"""Where each access of an admin to a person's data is recorded."""

from constructs import Construct

from infra.constructs.service_function import ServiceFunction
from infra.constructs.tables import table
from infra.environments import Environment


class AccessAudit(Construct):
    """
    One row an access, by day (SE3). Functions can add rows, but neither read nor change them.

    Stateful: renaming this construct, or moving it in the tree, replaces the table.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        self.table = table(self, "Table", environment=environment)

    def grant_append(self, function: ServiceFunction) -> None:
        """Let *function* add rows."""
        function.add_environment(ACCESS_AUDIT_TABLE=self.table.table_name)
        function.allow(["dynamodb:PutItem"], [self.table.table_arn])
