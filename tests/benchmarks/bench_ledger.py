"""
What the ledger costs: `python -m tests.benchmarks.bench_ledger`.

Appends per second on one account and on many, tries per append under contention, write units of
each operation, and how long the function that takes in webhooks imports.

Rates are those of an emulator on this machine: compare them with one another, not with AWS. Tries,
write units and the ratio of imports hold elsewhere too.
"""

import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import boto3

from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.application.ports.clips import ClipChange
from echoes.application.retries import MAX_TRIES, retry_on_conflict
from echoes.bootstrap.runtime import SystemClock
from echoes.domain.clips.clip import fail
from echoes.domain.credits.accounts import Posting
from echoes.domain.credits.entries import EntryType
from echoes.domain.credits.holds import capture, place_hold, release
from echoes.domain.credits.postings import adjust, grant, reverse
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import Conflict
from echoes.domain.identifiers import Credits, HoldId, OwnerId
from tests.support.factories import a_clip, an_id, an_owner
from tests.support.local_aws import local_aws
from tests.support.storage import CREDIT_ENTRIES, CREDIT_STATE, RECORDS, create_tables

ROOT: Final = Path(__file__).parents[2]
SECONDS: Final = 4.0
WRITERS: Final = (1, 2, 4, 8)
KILOBYTE: Final = 1024
STARTS: Final = 9
INGEST: Final = ROOT / "lambdas" / "webhooks" / "ingest.py"
NOW: Final = datetime.now(UTC)


def say(line: str) -> None:
    """Print *line* at once."""
    sys.stdout.write(line + os.linesep)
    sys.stdout.flush()


@contextmanager
def emulator() -> Iterator[Any]:
    """Yield a client of an emulated DynamoDB with the product's tables; this process uses it."""
    with tempfile.TemporaryDirectory() as name, local_aws(Path(name)) as running:
        for variable in [each for each in os.environ if each.startswith("AWS_")]:
            del os.environ[variable]
        os.environ.update(running.environment())
        client = boto3.client("dynamodb")
        create_tables(client)
        yield client


def a_ledger() -> DynamoLedger:
    """Return a ledger over one connection; its threads share it."""
    return DynamoLedger(
        entries_table=CREDIT_ENTRIES,
        state_table=CREDIT_STATE,
        records_table=RECORDS,
        connection=connect(),
    )


def a_grant(ledger: DynamoLedger, owner: OwnerId) -> Posting:
    """Return one more credit for *owner*."""
    return grant(
        ledger.account(owner),
        type=EntryType.SHARE,
        reference=an_id(),
        amount=Credits(1),
        at=datetime.now(UTC),
        actor=owner,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What some writers managed together."""

    writers: int
    per_second: float
    tries: float
    gave_up: int
    slowest_seconds: float


def rate(ledger: DynamoLedger, writers: int, *, owners: int, seconds: float = SECONDS) -> Rate:
    """Let *writers* append for some seconds to the accounts of *owners*, each in turn."""
    accounts = [an_owner() for _ in range(owners)]
    done: Counter[str] = Counter()
    took: list[float] = []
    lock, end = threading.Lock(), time.monotonic() + seconds

    def write(number: int) -> None:
        turn = number
        while time.monotonic() < end:
            owner, turn, tries = accounts[turn % owners], turn + 1, 0
            began = time.monotonic()

            def append(owner: OwnerId = owner) -> None:
                nonlocal tries
                tries += 1
                ledger.post(a_grant(ledger, owner))

            try:
                retry_on_conflict(append, clock=SystemClock(), chance=random.random)
                kept = 1
            except Conflict:
                kept = 0
            with lock:
                done.update(appends=kept, tries=tries, gave_up=1 - kept)
                took.append(time.monotonic() - began)

    began = time.monotonic()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    return Rate(
        writers=writers,
        per_second=done["appends"] / (time.monotonic() - began),
        tries=done["tries"] / max(done["appends"], 1),
        gave_up=done["gave_up"],
        slowest_seconds=max(took),
    )


def show_rates() -> None:
    """Print how fast entries can be appended, and how often one is tried."""
    say(f"Appends, {SECONDS:g} s each (an emulator that does one thing at a time)")
    ledger = a_ledger()
    rate(ledger, 1, owners=1, seconds=1.0)
    say("  accounts  writers  appends/s  tries/append  gave up  slowest s")
    for owners in (1, 64):
        for writers in WRITERS:
            found = rate(ledger, writers, owners=owners)
            say(
                f"  {owners:8} {found.writers:8} {found.per_second:10.1f} {found.tries:13.2f}"
                f" {found.gave_up:8} {found.slowest_seconds:10.2f}"
            )
    say(f"  an append is tried {MAX_TRIES} times at most, then its caller comes again")


def size_of(item: dict[str, Any]) -> int:
    """Return what DynamoDB says an item of texts, numbers, maps and lists is long, in bytes."""
    return sum(len(name.encode()) + _length(value) for name, value in item.items())


def _length(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return (len(content.lstrip("-").replace(".", "")) + 1) // 2 + 1
        case "M":
            return 3 + sum(1 + len(name) + _length(each) for name, each in content.items())
        case "L":
            return 3 + sum(1 + _length(each) for each in content)
        case "SS":
            return sum(len(each) for each in content)
        case _:
            return 1


class Meter:
    """Counts the write units of the transactions that a ledger sends."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401  # boto3's clients are made at run time
        self._client = client
        self._sent: list[dict[str, Any]] = []
        connection = connect()
        connection.client.meta.events.register(
            "provide-client-params.dynamodb.TransactWriteItems", self._note
        )
        self.ledger = DynamoLedger(
            entries_table=CREDIT_ENTRIES,
            state_table=CREDIT_STATE,
            records_table=RECORDS,
            connection=connection,
        )

    def _note(self, params: dict[str, Any], **_event: object) -> None:
        self._sent = params["TransactItems"]

    def units(self, posting: Posting, *, alongside: ClipChange | None = None) -> str:
        """Post, and return items, bytes and units; an index of its own is counted apart."""
        self.ledger.post(posting, alongside=alongside)
        units, sizes = 0, []
        for action in self._sent:
            ((_, content),) = action.items()
            item = content.get("Item")
            key = content.get("Key") or {"pk": item["pk"], "sk": item["sk"]}
            stored = self._client.get_item(
                TableName=content["TableName"], Key=key, ConsistentRead=True
            )["Item"]
            sizes.append(size_of(stored))
            units += 2 * math.ceil(sizes[-1] / KILOBYTE)
        index = sum(_in_index(posting, alongside))
        return f"{len(sizes):5} {sum(sizes):6} {units:6} {index:6}"


def _in_index(posting: Posting, alongside: ClipChange | None) -> Iterator[int]:
    """Give one unit for each index entry put or removed: open holds, watched attempts, ids."""
    yield int(posting.hold is not None)
    if alongside is not None:
        yield 2 if alongside.clip.version == 1 else 1


def show_units(client: Any) -> None:  # noqa: ANN401  # boto3's clients are made at run time
    """Print what each operation writes."""
    meter, owner = Meter(client), an_owner()
    ledger = meter.ledger
    say("\nWrite units (2 for each kilobyte begun, of each item in a transaction)")
    say("  operation                 items  bytes  units  index")

    def row(name: str, posting: Posting, alongside: ClipChange | None = None) -> None:
        say(f"  {name:24} {meter.units(posting, alongside=alongside)}")

    def account() -> Any:  # noqa: ANN401  # the account, read anew
        return ledger.account(owner)

    row("grant", grant(
        account(), type=EntryType.PURCHASE, reference=f"cs_test_{'x' * 58}", amount=Credits(100),
        at=NOW, actor=owner,
    ))  # fmt: skip
    row("adjustment", adjust(
        account(), reference="SUP-1042", amount=Credits(5), at=NOW, actor="operator",
        reason="The film arrived a day late",
    ))  # fmt: skip
    row("reversal", reverse(
        account(), type=EntryType.PURCHASE, reference=f"re_{'x' * 24}", amount=Credits(10),
        at=NOW, actor="system",
    ))  # fmt: skip
    for name, settle in (("capture", capture), ("release", release)):
        hold_id = HoldId(f"{an_id()}-1")
        row(f"hold, for {name}", place_hold(
            account(), hold_id=hold_id, amount=Credits(1), expires_at=NOW + timedelta(hours=3),
            at=NOW,
        ))  # fmt: skip
        hold = ledger.hold(hold_id)
        if hold is not None:
            row(name, settle(account(), hold, at=NOW))
    _show_clip(row, account, meter)


def _show_clip(row: Callable[..., None], account: Callable[[], Any], meter: Meter) -> None:
    """Print what a hold and its end write together with their clip."""
    clip = a_clip(owner_id=account().owner_id)
    hold_id = clip.attempt.hold_id
    placed = place_hold(
        account(), hold_id=hold_id, amount=Credits(1), expires_at=NOW + timedelta(hours=3), at=NOW
    )
    row("hold with its clip", placed, ClipChange(clip=clip))
    hold = meter.ledger.hold(hold_id)
    if hold is not None:
        ended = fail(clip, ErrorCode.GENERATION_FAILED, at=NOW)
        row("release with its clip", release(account(), hold, at=NOW), ClipChange(clip=ended))


def imported(program: str) -> float:
    """Return how many seconds a new interpreter takes for *program*, the median of some."""
    environment = {
        "STRIPE_WEBHOOK_SECRETS_ARN": "x",
        "STRIPE_LIVE": "off",
        "PAYMENT_QUEUE_URL": "x",
        "ALLOWED_ORIGINS": "https://app.echoes.example",
        "SIGNING_SECRET_ARN": "x",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'layers/core/python'}:{ROOT}",
        "POWERTOOLS_SERVICE_NAME": "bench",
    }
    took = []
    for _ in range(STARTS):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", program], env=environment, check=True, capture_output=True
        )
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def show_import() -> None:
    """Print how long the function that strangers call takes to start."""
    say("\nStart of the webhooks' door (median of a few, bytecode warm)")
    if not INGEST.exists():
        say("  there is none yet")
        return
    bare, ingest = imported("pass"), imported("import lambdas.webhooks.ingest")
    say(f"  bare Python {bare * 1000:6.0f} ms")
    say(f"  ingest      {ingest * 1000:6.0f} ms   {ingest / bare:.1f} times bare Python")


def main() -> None:
    """Measure everything and print it."""
    with emulator() as client:
        show_rates()
        show_units(client)
    show_import()


if __name__ == "__main__":
    main()
