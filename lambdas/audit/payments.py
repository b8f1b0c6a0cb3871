"""The nightly comparison of the ledger with Stripe, both ways."""

from echoes.bootstrap.startup import complete

from collections.abc import Mapping
from datetime import timedelta

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.bootstrap.audit.payments import build
from echoes.observability import logger

# Built once per execution environment, while Lambda initialises it.
run = complete(build())


@logger.inject_lambda_context(correlation_id_path="id", clear_state=True)
def lambda_handler(_event: Mapping[str, object], context: LambdaContext) -> Mapping[str, int]:
    """Compare recent payments; a failed call is retried, then becomes a dead letter."""
    return run(timedelta(milliseconds=context.get_remaining_time_in_millis()))
