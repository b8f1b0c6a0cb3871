"""Once an hour, grant and revoke rewards for invitations."""

from echoes.bootstrap.startup import complete

from collections.abc import Mapping

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.bootstrap.rewards.review import build
from echoes.observability import logger

# Built once per execution environment, while Lambda initialises it.
review = complete(build())


@logger.inject_lambda_context(correlation_id_path="id", clear_state=True)
def lambda_handler(_event: Mapping[str, object], _context: LambdaContext) -> Mapping[str, int]:
    """Run one sweep; the next one retries what failed."""
    return review()
