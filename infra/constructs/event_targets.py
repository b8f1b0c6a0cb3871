"""Functions as targets of EventBridge rules."""

from typing import cast

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_

from infra.constructs.service_function import LONGEST_EVENT_AGE, RETRIES, ServiceFunction


def target_of(
    function: ServiceFunction, *, event: events.RuleTargetInput | None = None
) -> targets.LambdaFunction:
    """Return *function* as a rule's target; what cannot be delivered joins its dead letters."""
    assert function.dead_letters is not None, f"{function.spec.name} is not asynchronous"  # noqa: S101
    return targets.LambdaFunction(
        cast("lambda_.IFunction", function.alias),
        event=event,
        dead_letter_queue=function.dead_letters.queue,
        max_event_age=LONGEST_EVENT_AGE,
        retry_attempts=RETRIES,
    )
