"""The ledger on DynamoDB when the way there and back is bad."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import urllib3
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError
from pynamodb.connection import Connection

from echoes.adapters.dynamodb.connection import RETRIES
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.domain.errors import Unavailable
from echoes.domain.identifiers import HoldId
from tests.support.factories import an_id, an_owner
from tests.support.ledger_books import all_entries, assert_books_are_right
from tests.support.ledger_operations import Outcome, granting, holding, run
from tests.support.storage import CREDIT_ENTRIES, CREDIT_STATE

EVENT = "before-send.dynamodb.TransactWriteItems"


class BadLine:
    """Delivers requests, and loses some of the answers."""

    def __init__(self, *, losing: int) -> None:
        self.tokens: list[str] = []
        self.lost: list[int] = []
        self._losing = losing

    def __call__(self, request: AWSPreparedRequest, **_: object) -> None:
        assert isinstance(request.body, bytes)
        self.tokens.append(json.loads(request.body)["ClientRequestToken"])
        if len(self.tokens) > self._losing:
            return
        headers = {name: _text(value) for name, value in request.headers.items()}
        answer = urllib3.request("POST", request.url, body=request.body, headers=headers)
        self.lost.append(answer.status)
        raise ConnectionClosedError(endpoint_url=request.url)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@contextmanager
def bad_line(connection: Connection, *, losing: int) -> Iterator[BadLine]:
    line = BadLine(losing=losing)
    events = connection.client.meta.events
    events.register_first(EVENT, line)
    try:
        yield line
    finally:
        events.unregister(EVENT, line)


@pytest.fixture
def ledger(tables: Connection) -> DynamoLedger:
    return DynamoLedger(entries_table=CREDIT_ENTRIES, state_table=CREDIT_STATE, connection=tables)


def test_an_answer_lost_on_the_wire_is_asked_for_again(
    tables: Connection, ledger: DynamoLedger
) -> None:
    """DB1, L6: the transport repeats with the same token, so the second answer is the first."""
    owner = an_owner()
    with bad_line(tables, losing=1) as line:
        result = run(granting(owner, an_id(), 3), ledger)
    assert result.outcome is Outcome.DONE
    assert (len(line.tokens), line.lost) == (2, [200])
    assert len(set(line.tokens)) == 1
    assert all_entries(ledger, owner) == [result.entry]
    assert_books_are_right(ledger, owner)


def test_when_every_answer_is_lost_the_next_call_finds_the_effect(
    tables: Connection, ledger: DynamoLedger
) -> None:
    """L6: unavailable means unknown; asking again gives exactly one effect, and its entry."""
    owner, hold_id = an_owner(), HoldId(an_id())
    run(granting(owner, an_id(), 1), ledger)
    with bad_line(tables, losing=1 + RETRIES) as line:
        result = run(holding(owner, hold_id, 1), ledger)
    assert result.outcome is Outcome.DONE
    assert line.lost == [200] * (1 + RETRIES)
    assert len(line.tokens) == len(line.lost), "the hold was found, not placed again"
    assert_books_are_right(ledger, owner, [hold_id])
    assert len(all_entries(ledger, owner)) == 2


def test_a_line_that_stays_bad_is_unavailable(tables: Connection, ledger: DynamoLedger) -> None:
    """The vendor's error is translated, with its cause kept."""
    owner, reference = an_owner(), an_id()
    with bad_line(tables, losing=1000):
        result = run(granting(owner, reference, 1), ledger)
    assert result.outcome is Outcome.GAVE_UP
    assert isinstance(result.error, Unavailable)
    assert result.error.__cause__ is not None
    again = run(granting(owner, reference, 1), ledger)
    assert all_entries(ledger, owner) == [again.entry]
