"""
The alarms, as data: one for each way in which something fails.

`infra/constructs/alarms.py` builds them. Silence means that nothing happens for most of them; for
what must run, silence is the failure.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from infra import functions
from infra.alarms.spec import AlarmSpec, Share, Silence, Source
from infra.functions import FUNCTIONS
from infra.functions.spec import FunctionSpec
from infra.metrics import WRITTEN_BY

QUARTER: Final = 15
DAY: Final = 24 * 60

ERRORS_PERCENT: Final = 5
"""Retries handle a rate below this."""

TIMEOUT_SHARE: Final = 0.8
"""A function that takes longer than this share of its timeout is about to be cut off."""

GIVEN_BACK_PERCENT: Final = 20
FEWEST_CREDITS: Final = 20
"""With fewer credits, a share says nothing."""


def alarms(tables: Sequence[str]) -> Iterator[AlarmSpec]:
    """Yield every alarm; *tables* are the names of the tables to watch."""
    for spec in FUNCTIONS:
        yield from _of_function(spec)
    for workflow, thing in (("generation", "attempt"), ("assembly", "film")):
        yield from _of_workflow(workflow, thing)
    for table in tables:
        yield from _of_table(table)
    yield from API
    yield from CLIPS_AND_FILMS
    yield from SWEEPS
    yield from PAYMENTS
    yield from BOOKS


def _of_function(spec: FunctionSpec) -> Iterator[AlarmSpec]:
    yield AlarmSpec(
        name=f"{spec.name}-errors",
        source=Source.LAMBDA,
        metric="Errors",
        subject=spec.name,
        share=Share(of=("Invocations",), plain_threshold=0),
        threshold=ERRORS_PERCENT,
        periods=2,
        of_periods=3,
        meaning=f"{spec.name} fails. It {spec.does[0].lower()}{spec.does[1:]}",
    )
    yield AlarmSpec(
        name=f"{spec.name}-throttles",
        source=Source.LAMBDA,
        metric="Throttles",
        subject=spec.name,
        threshold=0,
        periods=2,
        of_periods=3,
        meaning=f"More calls of {spec.name} than its reserved concurrency of {spec.concurrency}.",
    )
    yield AlarmSpec(
        name=f"{spec.name}-slow",
        source=Source.LAMBDA,
        metric="Duration",
        subject=spec.name,
        statistic="p99",
        threshold=TIMEOUT_SHARE * spec.timeout_seconds * 1000,
        periods=2,
        of_periods=3,
        meaning=f"{spec.name} comes close to its timeout of {spec.timeout_seconds} s.",
    )
    if spec.asynchronous:
        yield _dead_letters(
            f"{spec.name}-dead-letters",
            queue=f"{spec.name}-dead-letters",
            meaning=f"{spec.name} could not handle an event. Read it, fix the cause, redrive it.",
        )


def _dead_letters(name: str, *, queue: str, meaning: str) -> AlarmSpec:
    return AlarmSpec(
        name=name,
        source=Source.QUEUES,
        metric="ApproximateNumberOfMessagesVisible",
        subject=queue,
        statistic="Maximum",
        threshold=0,
        meaning=meaning,
    )


def _of_workflow(workflow: str, thing: str) -> Iterator[AlarmSpec]:
    # An attempt that fails is settled by its execution, which then succeeds.
    for metric, meaning in (
        ("ExecutionsFailed", f"Executions could not settle their {thing}; the rule settles it."),
        ("ExecutionsTimedOut", "Executions ran out of time; the rule settles them."),
        ("ExecutionsAborted", "Executions were stopped; the rule settles them."),
        ("ExecutionThrottled", "Step Functions slows executions down: ask for a higher quota."),
    ):
        yield AlarmSpec(
            name=f"{workflow}-{metric.lower()}",
            source=Source.WORKFLOWS,
            metric=metric,
            subject=workflow,
            threshold=0,
            periods=2,
            of_periods=3,
            meaning=meaning,
        )


def _of_table(table: str) -> Iterator[AlarmSpec]:
    for metric, meaning in (
        ("ThrottledRequests", "is throttled: a hot key, or a quota"),
        ("SystemErrors", "fails on AWS's side"),
    ):
        yield AlarmSpec(
            name=f"{table}-{metric.lower()}",
            source=Source.TABLES,
            metric=metric,
            subject=table,
            threshold=0,
            periods=2,
            of_periods=3,
            meaning=f"The table of {table} {meaning}.",
        )


def _counted(
    name: str, metric: str, meaning: str, *, by: FunctionSpec | None = None, threshold: int = 0
) -> AlarmSpec:
    """Return an alarm on what our functions counted in a quarter of an hour."""
    return AlarmSpec(
        name=name,
        source=Source.ECHOES,
        metric=metric,
        subject=(by or WRITTEN_BY[metric]).name,
        minutes=QUARTER,
        threshold=threshold,
        meaning=meaning,
    )


def _not_run(name: str, spec: FunctionSpec) -> AlarmSpec:
    return AlarmSpec(
        name=name,
        source=Source.LAMBDA,
        metric="Invocations",
        subject=spec.name,
        minutes=5,
        periods=2,
        threshold=1,
        below=True,
        silence=Silence.ALARMING,
        meaning=f"{spec.name} does not run.",
    )


def _not_done(name: str, metric: str, meaning: str) -> AlarmSpec:
    return AlarmSpec(
        name=name,
        source=Source.ECHOES,
        metric=metric,
        subject=WRITTEN_BY[metric].name,
        statistic="SampleCount",
        minutes=DAY,
        threshold=1,
        below=True,
        silence=Silence.ALARMING,
        meaning=meaning,
    )


API: Final = (
    AlarmSpec(
        name="api-failures",
        source=Source.API,
        metric="5XXError",
        subject="api",
        # The average of a metric that is 0 or 1 is its rate.
        statistic="Average",
        threshold=0.01,
        periods=2,
        of_periods=3,
        meaning="More than one response in a hundred is a 5xx.",
    ),
    AlarmSpec(
        name="api-slow",
        source=Source.API,
        metric="Latency",
        subject="api",
        statistic="p99",
        threshold=3_000,
        periods=3,
        of_periods=5,
        meaning="One response in a hundred takes more than three seconds.",
    ),
    AlarmSpec(
        name="metrics-unreadable",
        source=Source.LOGS,
        metric="EMFParsingErrors",
        subject="",
        minutes=QUARTER,
        threshold=0,
        meaning="Functions write metrics that CloudWatch cannot read.",
    ),
)
CLIPS_AND_FILMS: Final = (
    _counted("film-unsound", "FilmUnsound",
             "A film was not what was planned and was not released. The log says what was wrong."),
    _counted("submission-unknown", "SubmissionUnknown",
             "We do not know whether a provider took a job. Compare its tasks with our attempts."),
    _counted("price-drift-generate-api", "PriceDrift",
             "An order held other credits than its quote said.",
             by=functions.clips.GENERATE_API),
    _counted("price-drift-generate-settle", "PriceDrift",
             "A clip was paid with other credits than were held for it.",
             by=functions.clips.GENERATE_SETTLE),
    _counted("price-drift-generate-poll", "PriceDrift",
             "A provider charges what we do not expect: see its price list.",
             by=functions.clips.GENERATE_POLL),
    AlarmSpec(
        name="credits-given-back",
        source=Source.ECHOES,
        metric="CreditsReleased",
        subject=functions.clips.GENERATE_SETTLE.name,
        share=Share(of=("CreditsReleased", "CreditsCaptured"), fewest=FEWEST_CREDITS),
        minutes=QUARTER,
        threshold=GIVEN_BACK_PERCENT,
        meaning="Of the credits settled, too many were given back.",
    ),
)  # fmt: skip
SWEEPS: Final = (
    _counted("holds-returned", "HoldsReturned",
             "Credits were held for orders without an execution; the sweep gave them back."),
    _counted("sweep-errors", "SweepErrors",
             "The sweep could not settle something, and will try again."),
    _counted("project-sweep-errors", "ProjectSweepErrors",
             "A batch could not be finished, or a deleted project not erased; it is tried again."),
    _counted("film-sweep-errors", "SweepErrors",
             "A film without an execution could not be started or ended; it is tried again.",
             by=functions.projects.PROJECTS_SWEEP),
    _not_run("sweep-absent", functions.clips.GENERATE_SWEEP),
    _not_run("project-sweep-absent", functions.projects.PROJECTS_SWEEP),
)  # fmt: skip
PAYMENTS: Final = (
    _counted("payment-quarantined", "PaymentQuarantined",
             "A payment does not fit its order. Look at it, then grant or refund."),
    _counted("account-frozen", "AccountFrozen",
             "A fraud warning or a dispute froze an account. Look at it, then thaw or leave it."),
    _counted("payment-sweep-found", "PaymentSweepFound",
             "The sweep finds payments that webhooks should have reported. Do they arrive?",
             threshold=5),
    _counted("payment-sweep-errors", "PaymentSweepErrors",
             "The sweep could not settle a payment, and will try again in an hour."),
    _counted("webhooks-refused", "WebhookRefused",
             "Many of Stripe's messages are refused: a forger, or a wrong secret or version.",
             threshold=20),
    _dead_letters("payments-dead-letters", queue="payments-dead-letters.fifo",
                  meaning="A payment could not be settled. Read it, fix the cause, redrive it."),
)  # fmt: skip
BOOKS: Final = (
    _counted("book-faults", "BookFaults",
             "The books do not agree. The log says where; the anchors' bucket has every finding."),
    _counted("payment-faults", "BookFaults",
             "Stripe and the ledger do not agree about a payment. The log says which.",
             by=functions.audit.AUDIT_PAYMENTS),
    _not_done("payments-not-compared", "PaymentsCompared",
              "The ledger was not compared with Stripe last night."),
    _not_done("books-not-anchored", "BooksAnchored",
              "Last night's audit did not finish: no anchor of the books was signed."),
    AlarmSpec(
        name="ledger-tampered",
        source=Source.ECHOES,
        metric="LedgerTampered",
        subject=functions.audit.AUDIT_TAMPERING.name,
        threshold=0,
        meaning="An entry of the ledger was changed or removed. Freeze it, and find out by whom.",
    ),
)  # fmt: skip
