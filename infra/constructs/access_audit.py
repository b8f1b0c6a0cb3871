"""Where it is noted that an admin read somebody else's things."""

from constructs import Construct

from infra.constructs.service_function import ServiceFunction
from infra.constructs.tables import table
from infra.environments import Environment


class AccessAudit(Construct):
    """
    One row a read, by day (SE3). Functions can add rows, and neither read nor change them.

    Stateful: renaming this construct, or moving it in the tree, replaces the table.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        self.table = table(self, "Table", environment=environment)

    def let_note(self, function: ServiceFunction) -> None:
        """Let *function* add rows."""
        function.knows(ACCESS_AUDIT_TABLE=self.table.table_name)
        function.may(["dynamodb:PutItem"], [self.table.table_arn])
