"""Where credits are kept."""

from typing import Final

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs.service_function import ServiceFunction
from infra.constructs.tables import key, table
from infra.environments import Environment

# Every action that could change or remove an entry.
REWRITING: Final = (
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
)


class CreditLedger(Construct):
    """
    Two tables: entries, which are only ever appended, and the state that follows from them.

    Stateful: renaming this construct, or moving it in the tree, replaces the tables.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        self.entries = table(
            self,
            "Entries",
            environment=environment,
            stream=dynamodb.StreamViewType.NEW_IMAGE,
            # Even a role with all rights cannot rewrite history.
            resource_policy=iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(
                        sid="EntriesAreNeverRewritten",
                        effect=iam.Effect.DENY,
                        principals=[iam.AnyPrincipal()],
                        actions=list(REWRITING),
                        # In a table's own policy, * means that table only.
                        resources=["*"],
                    )
                ]
            ),
        )
        self.state = table(
            self,
            "State",
            environment=environment,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name="open_holds",
                    partition_key=key("open_pk"),
                    sort_key=key("open_sk"),
                )
            ],
        )

    def grant_read(self, function: ServiceFunction) -> None:
        """Let *function* read accounts and entries."""
        self._name_tables(function)
        function.allow(["dynamodb:GetItem", "dynamodb:Query"], [self.entries.table_arn])
        function.allow(["dynamodb:GetItem"], [self.state.table_arn])
        function.deny(REWRITING, [self.entries.table_arn])

    def grant_post(self, function: ServiceFunction) -> None:
        """Let *function* read, and post changes. No role may update or delete an entry (CR6)."""
        self._name_tables(function)
        function.allow(
            ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"],
            [self.entries.table_arn],
        )
        function.deny(REWRITING, [self.entries.table_arn])
        function.allow(
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            [self.state.table_arn],
        )

    def grant_audit(self, function: ServiceFunction) -> None:
        """Let *function* read all of both tables, and write nothing."""
        self.grant_read(function)
        function.allow(["dynamodb:BatchGetItem"], [self.entries.table_arn])
        function.allow(["dynamodb:BatchGetItem", "dynamodb:Scan"], [self.state.table_arn])

    def grant_find_open_holds(self, function: ServiceFunction) -> None:
        """Let *function* list holds by the time they expire."""
        function.allow(["dynamodb:Query"], [f"{self.state.table_arn}/index/open_holds"])

    def _name_tables(self, function: ServiceFunction) -> None:
        function.add_environment(
            CREDIT_ENTRIES_TABLE=self.entries.table_name,
            CREDIT_STATE_TABLE=self.state.table_name,
        )
