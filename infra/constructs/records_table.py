"""Where everything but credits is kept: uploads, clips, projects, films, orders, rewards."""

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.constructs.service_function import ServiceFunction
from infra.constructs.tables import key, table
from infra.environments import Environment


class RecordsTable(Construct):
    """
    One table for the records of every capability; a record is found by its owner and its id.

    Stateful: renaming this construct, or moving it in the tree, replaces the table.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        self.table = table(
            self,
            "Table",
            environment=environment,
            time_to_live="expires",
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name="by_id",
                    partition_key=key("id"),
                    projection_type=dynamodb.ProjectionType.KEYS_ONLY,
                ),
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name="due",
                    partition_key=key("due_partition"),
                    sort_key=key("due_at"),
                    projection_type=dynamodb.ProjectionType.INCLUDE,
                    non_key_attributes=["attempt_id"],
                ),
            ],
        )

    def grant_read(self, function: ServiceFunction) -> None:
        """Let *function* read items."""
        function.add_environment(RECORDS_TABLE=self.table.table_name)
        function.allow(
            ["dynamodb:GetItem"],
            [self.table.table_arn],
        )

    def grant_write(self, function: ServiceFunction) -> None:
        """Let *function* read, make and change items."""
        self.grant_read(function)
        function.allow(["dynamodb:PutItem", "dynamodb:UpdateItem"], [self.table.table_arn])

    def grant_read_many(self, function: ServiceFunction) -> None:
        """Let *function* read many items at once."""
        function.allow(["dynamodb:BatchGetItem"], [self.table.table_arn])

    def grant_list(self, function: ServiceFunction) -> None:
        """Let *function* list everything of an owner."""
        function.add_environment(RECORDS_TABLE=self.table.table_name)
        function.allow(["dynamodb:Query"], [self.table.table_arn])

    def grant_delete(self, function: ServiceFunction) -> None:
        """Let *function* delete items: a free clip that could not be made is given back."""
        function.allow(["dynamodb:DeleteItem"], [self.table.table_arn])

    def grant_find_by_id(self, function: ServiceFunction) -> None:
        """Let *function* find the owner of an id, for admins."""
        function.allow(["dynamodb:Query"], [f"{self.table.table_arn}/index/by_id"])

    def grant_find_due(self, function: ServiceFunction) -> None:
        """Let *function* list records by the time they are due."""
        function.allow(["dynamodb:Query"], [f"{self.table.table_arn}/index/due"])
