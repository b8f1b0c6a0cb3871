"""Where the books are anchored: a bucket under Object Lock, and the key that signs."""

from typing import Final

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.acknowledgements import acknowledge
from infra.constructs.service_function import ServiceFunction
from infra.environments import Environment

KEYS: Final = "anchors/*"
# Every action that could weaken or bypass the lock.
UNLOCKING: Final = (
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
)


class BooksAnchor(Construct):
    """
    A bucket under Object Lock, and an asymmetric key of KMS that one function may sign with.

    Where data are kept the lock is in compliance mode: not even the account's owner can shorten it.
    Elsewhere it is in governance mode, so that a test environment can be deleted. Stateful:
    renaming this construct replaces bucket and key.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        access_logs: s3.IBucket,
    ) -> None:
        super().__init__(scope, construct_id)
        removal = RemovalPolicy.RETAIN if environment.keeps_data else RemovalPolicy.DESTROY
        lock = (
            s3.ObjectLockRetention.compliance
            if environment.keeps_data
            else s3.ObjectLockRetention.governance
        )
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="anchors/",
            versioned=True,
            object_lock_enabled=True,
            object_lock_default_retention=lock(Duration.days(environment.anchor_retention_days)),
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="rarely-read",
                    transitions=[
                        s3.Transition(
                            storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
                            transition_after=Duration.days(90),
                        )
                    ],
                ),
                s3.LifecycleRule(
                    id="abandoned-parts", abort_incomplete_multipart_upload_after=Duration.days(1)
                ),
            ],
            removal_policy=removal,
        )
        # As in MediaBuckets: cdk-nag's findings contain the name, and so do our acknowledgements.
        export = environment.name_of("anchors-bucket-arn")
        self._export = export, Stack.of(self).export_value(self.bucket.bucket_arn, name=export)
        self.key = kms.Key(
            self,
            "Key",
            description="Signs the nightly anchor of the credit ledger, and nothing else.",
            # Verified offline with a few lines of arithmetic; 3,072 bits are safe beyond 2030.
            key_spec=kms.KeySpec.RSA_3072,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            alias=environment.name_of("books-anchor"),
            removal_policy=removal,
        )

    def grant_sign_anchors(self, function: ServiceFunction) -> None:
        """Let *function* add anchors and read them, and sign; never change or remove one."""
        function.add_environment(
            ANCHORS_BUCKET=self.bucket.bucket_name, ANCHOR_KEY_ARN=self.key.key_arn
        )
        function.allow(["kms:Sign"], [self.key.key_arn])
        function.allow(["s3:ListBucket"], [self.bucket.bucket_arn])
        objects = f"{self._export[1]}/{KEYS}"
        function.allow(["s3:GetObject", "s3:PutObject"], [objects])
        acknowledge(
            function.role,
            {
                f"AwsSolutions-IAM5[Resource::{self._export[0]}/{KEYS}]": (
                    "Keys hold the day of the anchor; the fixed part of the key is named."
                )
            },
        )
        function.deny(UNLOCKING, [self.bucket.bucket_arn, objects])
