"""
The functions, as data: where their code is, what they may take, and how they are called.

The stacks build them from here, and alarms know them by these names and timeouts.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One entry point: `lambdas/<folder>/<module>.py`, its `lambda_handler`."""

    folder: str
    module: str
    does: str
    timeout_seconds: int
    memory_mib: int = 512
    concurrency: int
    """
    How many may run at once: a bulkhead, and a switch (0 stops the function).

    All of them together stay well under an account's default of 1,000.
    """

    video: bool = False
    """Carries the media layer."""

    snap_start: bool = False
    """
    Starts from a snapshot taken when the version is published.

    For functions that people wait for: imports cost them 300 to 600 ms, a restored snapshot about a
    third. Functions of the workflow and of rules are not waited for, and each snapshot is paid for
    as long as its version exists, so they start the ordinary way.
    """

    asynchronous: bool = False
    """Called by events: what it cannot handle after retries goes to its dead letters."""

    @property
    def name(self) -> str:
        """Return the name people use, such as `upload-open-photo`."""
        if self.module == "handler":
            return self.folder
        return f"{self.folder}-{self.module.replace('_', '-')}"

    @property
    def handler(self) -> str:
        """Return the handler as Lambda names it."""
        return f"{self.module}.lambda_handler"


# API Gateway gives up after 29 s; nobody should wait half as long.
_API_SECONDS: Final = 14

UPLOAD_API: Final = FunctionSpec(
    folder="upload",
    module="api",
    does="Promises uploads and tells what became of them.",
    timeout_seconds=_API_SECONDS,
    concurrency=30,
    snap_start=True,
)
UPLOAD_OPEN_PHOTO: Final = FunctionSpec(
    folder="upload",
    module="open_photo",
    does="Opens an uploaded photo safely and makes its preview.",
    timeout_seconds=60,
    # One full vCPU: decoding a 50-megapixel photo is all it does.
    memory_mib=1769,
    concurrency=30,
    video=True,
    asynchronous=True,
)
UPLOAD_OPEN_MUSIC: Final = FunctionSpec(
    folder="upload",
    module="open_music",
    does="Opens people's own music safely and prepares it for films.",
    # The work stops itself before: fifteen minutes of music take half a minute of one full vCPU.
    timeout_seconds=120,
    memory_mib=1769,
    concurrency=10,
    video=True,
    asynchronous=True,
)
GENERATE_API: Final = FunctionSpec(
    folder="generate",
    module="api",
    does="Takes orders for clips, regenerations, cancellations and downloads.",
    timeout_seconds=_API_SECONDS,
    concurrency=50,
    snap_start=True,
)
GENERATE_SUBMIT: Final = FunctionSpec(
    folder="generate",
    module="submit",
    does="Fits the photo and offers the attempt to a provider.",
    timeout_seconds=90,
    memory_mib=1769,
    concurrency=30,
    video=True,
)
GENERATE_POLL: Final = FunctionSpec(
    folder="generate",
    module="poll",
    does="Asks the provider how far an attempt is.",
    timeout_seconds=30,
    concurrency=60,
)
GENERATE_FINISH: Final = FunctionSpec(
    folder="generate",
    module="finish",
    does="Brings the result home: master, watermarked preview, poster.",
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
    does="Every minute, looks after attempts and holds that nobody carries any more.",
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
PROJECTS_API: Final = FunctionSpec(
    folder="projects",
    module="api",
    does="Proposes stories, keeps projects, takes orders for the clips of many photos.",
    timeout_seconds=_API_SECONDS,
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
STATUS_API: Final = FunctionSpec(
    folder="status",
    module="api",
    does="Tells how far a clip is; every open page asks it every five seconds.",
    timeout_seconds=_API_SECONDS,
    concurrency=100,
    snap_start=True,
)
ACCOUNT_API: Final = FunctionSpec(
    folder="account",
    module="api",
    does="Guests, credits, entries, the catalogue of errors and the configuration.",
    timeout_seconds=_API_SECONDS,
    concurrency=30,
    snap_start=True,
)
ADMIN_API: Final = FunctionSpec(
    folder="admin",
    module="api",
    does="What operators do to accounts.",
    timeout_seconds=_API_SECONDS,
    concurrency=5,
)
AUTHORIZER: Final = FunctionSpec(
    folder="authorizer",
    module="handler",
    does="Tells who calls: a user of the pool, or a guest.",
    timeout_seconds=10,
    concurrency=50,
    snap_start=True,
)

BILLING_API: Final = FunctionSpec(
    folder="billing",
    module="api",
    does="Sells packs of credits and tells what became of orders.",
    timeout_seconds=28,  # Stripe may take 10 s for an answer, and is asked up to three times.
    concurrency=20,
    snap_start=True,
)
WEBHOOKS_INGEST: Final = FunctionSpec(
    folder="webhooks",
    module="ingest",
    does="Checks and queues what Stripe tells; strangers call it.",
    timeout_seconds=_API_SECONDS,
    concurrency=20,
    snap_start=True,
)
WEBHOOKS_WORKER: Final = FunctionSpec(
    folder="webhooks",
    module="worker",
    does="Looks at payments and posts to the ledger what has changed.",
    timeout_seconds=60,
    concurrency=10,
)
WEBHOOKS_SWEEP: Final = FunctionSpec(
    folder="webhooks",
    module="sweep",
    does="Every hour, asks Stripe for payments and events that we missed.",
    timeout_seconds=600,
    concurrency=1,
    asynchronous=True,
)

AUDIT_BOOKS: Final = FunctionSpec(
    folder="audit",
    module="books",
    does="Goes through the books at night and anchors them.",
    # Each call does what it can; ten minutes later the next one goes on.
    timeout_seconds=540,
    concurrency=1,
    asynchronous=True,
)
AUDIT_PAYMENTS: Final = FunctionSpec(
    folder="audit",
    module="payments",
    does="Compares at night what Stripe was paid with what the ledger granted.",
    timeout_seconds=600,
    concurrency=1,
    asynchronous=True,
)
AUDIT_TAMPERING: Final = FunctionSpec(
    folder="audit",
    module="tampering",
    does="Tells when an entry of the ledger was changed or removed.",
    timeout_seconds=30,
    concurrency=5,
    asynchronous=True,
)

ASSEMBLE_API: Final = FunctionSpec(
    folder="assemble",
    module="api",
    does="Takes orders for films, cancellations and downloads.",
    timeout_seconds=_API_SECONDS,
    concurrency=20,
    snap_start=True,
)
ASSEMBLE_PLAN: Final = FunctionSpec(
    folder="assemble",
    module="plan",
    does="Finds out what a film needs encoded.",
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
    does="Copies clips and music into a film, and decodes it to see that it is right.",
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
REWARDS_REVIEW: Final = FunctionSpec(
    folder="rewards",
    module="review",
    does="Every hour, rewards who invited somebody that paid, or takes it back.",
    timeout_seconds=300,
    concurrency=1,
    asynchronous=True,
)

FUNCTIONS: Final = (
    UPLOAD_API,
    UPLOAD_OPEN_PHOTO,
    UPLOAD_OPEN_MUSIC,
    GENERATE_API,
    GENERATE_SUBMIT,
    GENERATE_POLL,
    GENERATE_FINISH,
    GENERATE_SETTLE,
    GENERATE_SWEEP,
    GENERATE_STOPPED,
    PROJECTS_API,
    PROJECTS_SWEEP,
    STATUS_API,
    ACCOUNT_API,
    ADMIN_API,
    AUTHORIZER,
    BILLING_API,
    WEBHOOKS_INGEST,
    WEBHOOKS_WORKER,
    WEBHOOKS_SWEEP,
    AUDIT_BOOKS,
    AUDIT_PAYMENTS,
    AUDIT_TAMPERING,
    REWARDS_REVIEW,
    ASSEMBLE_API,
    ASSEMBLE_PLAN,
    ASSEMBLE_RENDER,
    ASSEMBLE_JOIN,
    ASSEMBLE_SETTLE,
    ASSEMBLE_STOPPED,
)
