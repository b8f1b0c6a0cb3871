"""When the books are audited, and what is called when an entry was changed or removed."""

from typing import Final, cast

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from constructs import Construct

from infra.constructs.event_targets import target_of
from infra.constructs.service_function import ServiceFunction

# A record that fails this often becomes a dead letter, which rings an alarm the same day.
TRIES: Final = 5


class BooksAudit(Construct):
    """
    Calls the audit every ten minutes of the night; each call continues where the last stopped.

    The stream of entries is filtered at its source: insertions, the only expected changes,
    cost no call.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        entries: dynamodb.ITable,
        books: ServiceFunction,
        payments: ServiceFunction,
        tampering: ServiceFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self.night = events.Rule(
            self,
            "Night",
            description="Time to go on with tonight's audit of the books.",
            schedule=events.Schedule.cron(minute="0/10", hour="1-5"),
            targets=[target_of(books)],
        )
        self.morning = events.Rule(
            self,
            "Morning",
            description="Time to compare the ledger with Stripe.",
            schedule=events.Schedule.cron(minute="20", hour="6"),
            targets=[target_of(payments)],
        )
        assert tampering.dead_letters is not None  # noqa: S101  # it is asynchronous
        tampering.alias.add_event_source(
            sources.DynamoEventSource(
                entries,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=100,
                retry_attempts=TRIES,
                bisect_batch_on_error=True,
                max_record_age=Duration.hours(23),
                on_failure=cast(
                    "lambda_.IEventSourceDlq", sources.SqsDlq(tampering.dead_letters.queue)
                ),
                filters=[
                    lambda_.FilterCriteria.filter(
                        {"eventName": lambda_.FilterRule.or_("MODIFY", "REMOVE")}
                    )
                ],
            )
        )
