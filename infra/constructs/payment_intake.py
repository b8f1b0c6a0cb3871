"""From Stripe's message to the function that reconciles the payment, and the hourly sweep."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.acknowledgements import acknowledge
from infra.constructs.event_targets import target_of
from infra.constructs.service_function import ServiceFunction
from infra.environments import Environment

# A payment that cannot be settled is retried for half an hour; then an operator looks into it.
MOST_TRIES = 5
BATCH = 5
CONCURRENT_BATCHES = 5
# AWS recommends six times the function's timeout, so that no message is delivered again while it is
# handled.
VISIBILITY_FACTOR = 6


class PaymentIntake(Construct):
    """
    A FIFO queue of notices, grouped by buyer, with its dead letters; and the hourly sweep.

    Dead letters keep their order and group; they are sent again from SQS once the cause is fixed
    (docs/stripe.md).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        reconcile: ServiceFunction,
        sweep: ServiceFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=environment.name_of("payments-dead-letters.fifo"),
            fifo=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(self.dead_letters, {"AwsSolutions-SQS3": "It is the dead-letter queue."})
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=environment.name_of("payments.fifo"),
            fifo=True,
            # Notices wait only for earlier ones of the same buyer.
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
            visibility_timeout=Duration.seconds(VISIBILITY_FACTOR * reconcile.spec.timeout_seconds),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=MOST_TRIES
            ),
            removal_policy=RemovalPolicy.DESTROY,
        )
        reconcile.alias.add_event_source(
            sources.SqsEventSource(
                self.queue,
                batch_size=BATCH,
                max_concurrency=CONCURRENT_BATCHES,
                report_batch_item_failures=True,
            )
        )
        self.rule = events.Rule(
            self,
            "Sweep",
            description="Time to ask Stripe for what we missed.",
            schedule=events.Schedule.rate(Duration.hours(1)),
            targets=[target_of(sweep)],
        )

    def grant_send_messages(self, function: ServiceFunction) -> None:
        """Let *function* queue notices."""
        function.add_environment(PAYMENT_QUEUE_URL=self.queue.queue_url)
        function.allow(["sqs:SendMessage"], [self.queue.queue_arn])
