"""Entry point of the routes for buying credits."""

from echoes.bootstrap.startup import complete

from typing import Any

from aws_lambda_powertools.logging.correlation_paths import API_GATEWAY_REST
from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.bootstrap.billing.api import application
from echoes.observability import logger

# Built once per execution environment, while Lambda initialises it.
app = complete(application())


@logger.inject_lambda_context(correlation_id_path=API_GATEWAY_REST, clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle one API Gateway request (payload format 1.0)."""
    return app(event, context)
