"""The functions that make clips, and the one that shows them."""

from typing import Final

from infra.functions.spec import API_SECONDS, FunctionSpec

GENERATE_API: Final = FunctionSpec(
    folder="generate",
    module="api",
    does="Takes orders for clips, regenerations, cancellations and downloads.",
    timeout_seconds=API_SECONDS,
    concurrency=50,
    snap_start=True,
)
GENERATE_SUBMIT: Final = FunctionSpec(
    folder="generate",
    module="submit",
    does="Prepares the photo and submits the attempt to a provider.",
    timeout_seconds=90,
    memory_mib=1769,
    concurrency=30,
    video=True,
)
GENERATE_POLL: Final = FunctionSpec(
    folder="generate",
    module="poll",
    does="Asks the provider for the state of an attempt.",
    timeout_seconds=30,
    concurrency=60,
)
GENERATE_FINISH: Final = FunctionSpec(
    folder="generate",
    module="finish",
    does="Stores the result: master, watermarked preview, poster.",
    timeout_seconds=300,
    memory_mib=3008,
    concurrency=30,
    video=True,
)
GENERATE_SETTLE: Final = FunctionSpec(
    folder="generate",
    module="settle",
    does="Ends an attempt: captures or releases its hold.",
    timeout_seconds=30,
    concurrency=30,
)
GENERATE_SWEEP: Final = FunctionSpec(
    folder="generate",
    module="sweep",
    does="Sweeps attempts and holds that lost their execution, every minute.",
    timeout_seconds=55,
    concurrency=1,
    asynchronous=True,
)
GENERATE_STOPPED: Final = FunctionSpec(
    folder="generate",
    module="stopped",
    does="Settles what an execution left behind when it failed or was stopped.",
    timeout_seconds=60,
    concurrency=10,
    asynchronous=True,
)
STATUS_API: Final = FunctionSpec(
    folder="status",
    module="api",
    does="Shows clips and films; every open page asks it every five seconds.",
    timeout_seconds=API_SECONDS,
    concurrency=100,
    snap_start=True,
)

CLIPS: Final = (
    GENERATE_API,
    GENERATE_SUBMIT,
    GENERATE_POLL,
    GENERATE_FINISH,
    GENERATE_SETTLE,
    GENERATE_SWEEP,
    GENERATE_STOPPED,
    STATUS_API,
)
