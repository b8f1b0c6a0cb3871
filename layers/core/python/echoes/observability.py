"""The process-wide logger. Configured by ``POWERTOOLS_*`` variables only."""

from aws_lambda_powertools.logging import Logger

logger = Logger()
