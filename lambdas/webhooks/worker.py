"""The queue of notices: look at each payment, and post what has changed."""

from collections.abc import Mapping

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.bootstrap.webhooks.worker import build
from echoes.observability import logger

# Built once per execution environment, while Lambda initialises it.
handle = build()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: Mapping[str, object], _context: LambdaContext) -> Mapping[str, object]:
    """Handle one batch; what it names comes again, and after some times is a dead letter."""
    return handle(event)
