"""Once a minute, recover abandoned films and batches, and erase deleted projects."""

from echoes.bootstrap.startup import complete

from collections.abc import Mapping

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.bootstrap.projects.sweep import build
from echoes.observability import logger

# Built once per execution environment, while Lambda initialises it.
sweep = complete(build())


@logger.inject_lambda_context(correlation_id_path="id", clear_state=True)
def lambda_handler(_event: Mapping[str, object], _context: LambdaContext) -> Mapping[str, int]:
    """Run one sweep; the next one retries what failed."""
    return sweep()
