"""The watch on the stream of entries: none is ever changed or removed."""

from collections.abc import Mapping

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.observability import logger
from echoes.tasks.audit import tampered


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: Mapping[str, object], _context: LambdaContext) -> Mapping[str, int]:
    """Tell of what should never happen."""
    return {"tampered": tampered(event)}
