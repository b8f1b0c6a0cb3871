"""Where clips and uploads are kept."""

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.constructs.service_function import ServiceFunction
from infra.constructs.tables import key, table
from infra.environments import Environment


class Studio(Construct):
    """
    One table of clips, uploads, free clips and what is known of providers' speed.

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

    def let_read(self, function: ServiceFunction) -> None:
        """Let *function* read items."""
        function.knows(STUDIO_TABLE=self.table.table_name)
        function.may(
            ["dynamodb:GetItem"],
            [self.table.table_arn],
        )

    def let_write(self, function: ServiceFunction) -> None:
        """Let *function* read, make and change items."""
        self.let_read(function)
        function.may(["dynamodb:PutItem", "dynamodb:UpdateItem"], [self.table.table_arn])

    def let_read_many(self, function: ServiceFunction) -> None:
        """Let *function* read many items at once."""
        function.may(["dynamodb:BatchGetItem"], [self.table.table_arn])

    def let_list(self, function: ServiceFunction) -> None:
        """Let *function* list everything of an owner."""
        function.knows(STUDIO_TABLE=self.table.table_name)
        function.may(["dynamodb:Query"], [self.table.table_arn])

    def let_delete(self, function: ServiceFunction) -> None:
        """Let *function* delete items: a free clip that could not be made is given back."""
        function.may(["dynamodb:DeleteItem"], [self.table.table_arn])

    def let_find_by_id(self, function: ServiceFunction) -> None:
        """Let *function* find the owner of an id, for admins."""
        function.may(["dynamodb:Query"], [f"{self.table.table_arn}/index/by_id"])

    def let_find_unattended(self, function: ServiceFunction) -> None:
        """Let *function* list attempts by the time somebody should look after them."""
        function.may(["dynamodb:Query"], [f"{self.table.table_arn}/index/due"])
