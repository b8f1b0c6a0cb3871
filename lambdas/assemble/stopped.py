"""The rule on stopped executions: settle their films."""

from echoes.bootstrap.startup import complete

from collections.abc import Mapping

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.bootstrap.assemble.stopped import build
from echoes.observability import logger

# Built once per execution environment, while Lambda initialises it.
handle = complete(build())


@logger.inject_lambda_context(correlation_id_path="id", clear_state=True)
def lambda_handler(event: Mapping[str, object], _context: LambdaContext) -> Mapping[str, object]:
    """Handle one EventBridge event; a failed one is retried, then becomes a dead letter."""
    return {"ours": handle(event)}
