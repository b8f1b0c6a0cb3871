"""The functions of projects and of batches of clips."""

from typing import Final

from infra.functions.spec import API_SECONDS, FunctionSpec

PROJECTS_API: Final = FunctionSpec(
    folder="projects",
    module="api",
    does="Plans stories, stores projects, takes orders for the clips of many photos.",
    timeout_seconds=API_SECONDS,
    # Fifty clips are read, shown and signed at once.
    memory_mib=1024,
    concurrency=50,
    snap_start=True,
)
PROJECTS_SWEEP: Final = FunctionSpec(
    folder="projects",
    module="sweep",
    does="Sweeps films and batches, and erases deleted projects, every minute.",
    timeout_seconds=300,
    concurrency=1,
    asynchronous=True,
)

PROJECTS: Final = (PROJECTS_API, PROJECTS_SWEEP)
