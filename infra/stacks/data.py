"""What must not be lost: credits, clips, photos, people, secrets."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.constructs.access_audit import AccessAudit
from infra.constructs.books_anchor import BooksAnchor
from infra.constructs.credit_ledger import CreditLedger
from infra.constructs.idempotency_table import IdempotencyTable
from infra.constructs.identity import Identity
from infra.constructs.media_buckets import MediaBuckets
from infra.constructs.records_table import RecordsTable
from infra.constructs.service_secrets import ServiceSecrets
from infra.environments import Environment
from infra.providers import PROVIDERS


class DataStack(Stack):
    """
    The stateful half. The names of constructs here are a contract: a new name is a new table.

    Stack properties (name, account, region) are given as keywords.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        **properties: Any,  # noqa: ANN401  # the properties of aws_cdk.Stack
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Echoes: credits, clips, photos, people and secrets.",
            termination_protection=environment.keeps_data,
            **properties,
        )
        self.ledger = CreditLedger(self, "CreditLedger", environment=environment)
        self.records = RecordsTable(self, "Records", environment=environment)
        self.idempotency = IdempotencyTable(self, "Idempotency", environment=environment)
        self.access_audit = AccessAudit(self, "AccessAudit", environment=environment)
        self.media = MediaBuckets(self, "Media", environment=environment)
        self.anchor = BooksAnchor(
            self, "Books", environment=environment, access_logs=self.media.access_logs
        )
        self.identity = Identity(self, "Identity", environment=environment)
        self.secrets = ServiceSecrets(self, "Secrets", environment=environment)
        for name, value in {
            "CreditEntriesTable": self.ledger.entries.table_name,
            "CreditStateTable": self.ledger.state.table_name,
            "RecordsTable": self.records.table.table_name,
            "PhotosBucket": self.media.photos.bucket_name,
            "ClipsBucket": self.media.clips.bucket_name,
            "AnchorsBucket": self.anchor.bucket.bucket_name,
            "AnchorKeyArn": self.anchor.key.key_arn,
            "UserPoolId": self.identity.pool.user_pool_id,
            "UserPoolClientId": self.identity.client.user_pool_client_id,
            **{
                f"{provider.title}SecretArn": self.secrets.providers[provider.name].secret_arn
                for provider in PROVIDERS
            },
        }.items():
            CfnOutput(self, name, value=value)
