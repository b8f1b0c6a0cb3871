"""The process-wide logger and metrics. Configured by ``POWERTOOLS_*`` variables only."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()
