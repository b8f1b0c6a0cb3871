"""Wiring of batch orders, for the route and the sweep."""

from echoes.application.generation.begin_attempt import BeginAttempt
from echoes.application.ports.clips import Clips, GenerationWorkflow
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.ports.projects import Batches, Projects
from echoes.application.ports.uploads import Uploads
from echoes.application.projects.order_clips import OrderClips


def order_clips(
    *,
    ledger: Ledger,
    clips: Clips,
    uploads: Uploads,
    projects: Projects,
    batches: Batches,
    workflow: GenerationWorkflow,
    clock: Clock,
    provider: str,
) -> OrderClips:
    """Return the use case; its clips begin as single clips do."""
    return OrderClips(
        ledger=ledger,
        clips=clips,
        uploads=uploads,
        projects=projects,
        batches=batches,
        begin_attempt=BeginAttempt(ledger=ledger, clips=clips, workflow=workflow, clock=clock),
        clock=clock,
        provider=provider,
    )
