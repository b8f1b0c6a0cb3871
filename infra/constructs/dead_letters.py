"""Where events wait that could not be handled."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.acknowledgements import acknowledge


class DeadLetters(Construct):
    """
    The dead letters of one asynchronous path; an alarm rings at the first.

    They are kept for the longest time SQS offers, to be sent again once the cause is fixed.
    """

    def __init__(self, scope: Construct, construct_id: str, *, queue_name: str) -> None:
        super().__init__(scope, construct_id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=queue_name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(self.queue, {"AwsSolutions-SQS3": "This queue is the dead-letter queue."})
