"""Wiring of batch orders, for the route and the sweep."""

from echoes.adapters.dynamodb.projects.batches import DynamoBatches
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.stepfunctions.workflow import StepFunctionsWorkflow, stepfunctions_client
from echoes.application.clips.begin_attempt import BeginAttempt
from echoes.application.ports.clock import Clock
from echoes.application.projects.order_clips import OrderClips
from echoes.bootstrap.ledger import LedgerAndClips
from echoes.bootstrap.runtime import region
from echoes.observability import logger
from echoes.settings import Providers, Workflow


def order_clips(kept: LedgerAndClips, clock: Clock) -> OrderClips:
    """Return the use case wired to the real services."""
    records, connection = kept.records_table, kept.connection
    return OrderClips(
        ledger=kept.ledger,
        clips=kept.clips,
        uploads=DynamoUploads(records, connection),
        projects=DynamoProjects(records, connection),
        batches=DynamoBatches(records, connection),
        begin_attempt=BeginAttempt(
            ledger=kept.ledger,
            clips=kept.clips,
            workflow=StepFunctionsWorkflow(
                stepfunctions_client(region()),
                Workflow.from_environ().state_machine_arn,
                correlation_id=logger.get_correlation_id,
            ),
            clock=clock,
        ),
        clock=clock,
        provider=Providers.from_environ().default,
    )
