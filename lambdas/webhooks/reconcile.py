"""The queue of payment notices: reconcile each payment with the ledger."""

from echoes.bootstrap.startup import complete

from collections.abc import Mapping

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.bootstrap.webhooks.reconcile import build
from echoes.observability import logger

# Built once per execution environment, while Lambda initialises it.
handle = complete(build())


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: Mapping[str, object], _context: LambdaContext) -> Mapping[str, object]:
    """Handle one batch; the messages it returns are retried, then become dead letters."""
    return handle(event)
