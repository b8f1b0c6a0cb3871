"""The functions that make films."""

from typing import Final

from infra.functions.spec import API_SECONDS, FunctionSpec

ASSEMBLE_API: Final = FunctionSpec(
    folder="assemble",
    module="api",
    does="Takes orders for films, cancellations and downloads.",
    timeout_seconds=API_SECONDS,
    concurrency=20,
    snap_start=True,
)
ASSEMBLE_PLAN: Final = FunctionSpec(
    folder="assemble",
    module="plan",
    does="Plans a film: finds out what must be encoded.",
    timeout_seconds=60,
    memory_mib=1769,
    concurrency=20,
    video=True,
)
ASSEMBLE_RENDER: Final = FunctionSpec(
    folder="assemble",
    module="render",
    does="Encodes joints and cards of films, and clips of other sizes.",
    timeout_seconds=300,
    memory_mib=3008,
    concurrency=60,
    video=True,
)
ASSEMBLE_JOIN: Final = FunctionSpec(
    folder="assemble",
    module="join",
    does="Joins clips and music into a film, and decodes it to check it.",
    # The longest film has a quarter of an hour; decoding it takes a minute or two.
    timeout_seconds=840,
    memory_mib=3008,
    concurrency=20,
    video=True,
)
ASSEMBLE_SETTLE: Final = FunctionSpec(
    folder="assemble",
    module="settle",
    does="Ends a film: completed or failed.",
    timeout_seconds=30,
    concurrency=10,
)
ASSEMBLE_STOPPED: Final = FunctionSpec(
    folder="assemble",
    module="stopped",
    does="Ends the film of an execution that failed or was stopped.",
    timeout_seconds=60,
    concurrency=5,
    asynchronous=True,
)

FILMS: Final = (
    ASSEMBLE_API,
    ASSEMBLE_PLAN,
    ASSEMBLE_RENDER,
    ASSEMBLE_JOIN,
    ASSEMBLE_SETTLE,
    ASSEMBLE_STOPPED,
)
