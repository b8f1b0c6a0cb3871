"""A table with the defaults that every table of the service shares."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.environments import Environment


def key(name: str) -> dynamodb.Attribute:
    """Return a key attribute; all our keys are strings."""
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def table(  # noqa: PLR0913  # each is one property of a table, by keyword
    scope: Construct,
    construct_id: str,
    *,
    environment: Environment,
    partition_key: str = "pk",
    sort_key: str | None = "sk",
    time_to_live: str | None = None,
    stream: dynamodb.StreamViewType | None = None,
    indexes: Sequence[dynamodb.GlobalSecondaryIndexPropsV2] = (),
    resource_policy: iam.PolicyDocument | None = None,
) -> dynamodb.TableV2:
    """Return a table paid by request, with 35 days of recovery to any second."""
    return dynamodb.TableV2(
        scope,
        construct_id,
        partition_key=key(partition_key),
        sort_key=key(sort_key) if sort_key else None,
        billing=dynamodb.Billing.on_demand(),
        encryption=dynamodb.TableEncryptionV2.dynamo_owned_key(),
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        time_to_live_attribute=time_to_live,
        dynamo_stream=stream,
        global_secondary_indexes=list(indexes) or None,
        resource_policy=resource_policy,
        deletion_protection=environment.keeps_data,
        removal_policy=(RemovalPolicy.RETAIN if environment.keeps_data else RemovalPolicy.DESTROY),
    )
