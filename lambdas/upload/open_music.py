"""The rule on uploaded music: open it, prepare it, and accept or reject it."""

from echoes.bootstrap.startup import complete

from collections.abc import Mapping

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.bootstrap.upload.open_music import build
from echoes.observability import logger

# Built once per execution environment, while Lambda initialises it.
handle = complete(build())


@logger.inject_lambda_context(correlation_id_path="id", clear_state=True)
def lambda_handler(event: Mapping[str, object], _context: LambdaContext) -> Mapping[str, object]:
    """Handle one event; a failed one is retried, then becomes a dead letter."""
    return {"state": handle(event)}
