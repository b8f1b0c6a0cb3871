"""The watch on the entry stream: no entry may be changed or removed."""

from collections.abc import Mapping

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.observability import logger
from echoes.tasks.audit import tampered


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: Mapping[str, object], _context: LambdaContext) -> Mapping[str, int]:
    """Report changes that should never happen."""
    return {"tampered": tampered(event)}
