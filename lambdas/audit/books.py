"""The nightly audit: go on where the last call stopped, until the night's anchor is signed."""

from echoes.bootstrap.startup import complete

from collections.abc import Mapping
from datetime import timedelta

from aws_lambda_powertools.utilities.typing import LambdaContext

from echoes.bootstrap.audit.books import build
from echoes.observability import logger

# Built once per execution environment, while Lambda initialises it.
go_on = complete(build())


@logger.inject_lambda_context(correlation_id_path="id", clear_state=True)
def lambda_handler(_event: Mapping[str, object], context: LambdaContext) -> Mapping[str, int]:
    """Audit for as long as time allows; the next call of the night continues."""
    return go_on(timedelta(milliseconds=context.get_remaining_time_in_millis()))
