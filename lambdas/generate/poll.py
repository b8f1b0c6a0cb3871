"""The task `Poll`: ask the provider for an attempt's progress."""

from echoes.bootstrap.startup import complete

from collections.abc import Mapping

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.bootstrap.generate.poll import build
from echoes.observability import logger

# Built once per execution environment, while Lambda initialises it.
handle = complete(build())


@logger.inject_lambda_context(correlation_id_path="attempt.correlation_id", clear_state=True)
def lambda_handler(event: Mapping[str, object], _context: LambdaContext) -> Mapping[str, object]:
    """Run the task; raise only errors that the state machine retries."""
    logger.append_keys(attempt=event.get("attempt"))
    return handle(event)
