"""The functions of projects and of batches of clips."""

from typing import Final

from infra.functions.spec import API_SECONDS, FunctionSpec

PROJECTS_API: Final = FunctionSpec(
    folder="projects",
    module="api",
    does="Proposes stories, keeps projects, takes orders for the clips of many photos.",
    timeout_seconds=API_SECONDS,
    # Fifty clips are read, shown and signed at once.
    memory_mib=1024,
    concurrency=50,
    snap_start=True,
)
PROJECTS_SWEEP: Final = FunctionSpec(
    folder="projects",
    module="sweep",
    does="Every minute, looks after films and batches, and erases deleted projects.",
    timeout_seconds=300,
    concurrency=1,
    asynchronous=True,
)

PROJECTS: Final = (PROJECTS_API, PROJECTS_SWEEP)
