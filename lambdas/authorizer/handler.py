"""Entry point of the gateway's TOKEN authorizer."""

from echoes.bootstrap.startup import complete

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.bootstrap.authorizer.handler import verifier
from echoes.http.authorization import authorize
from echoes.observability import logger

# Built once per execution environment, while Lambda initialises it.
tokens = complete(verifier())


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Identify the bearer of a token, or raise what the gateway turns into a 401."""
    return authorize(event, verify=tokens.verify)
