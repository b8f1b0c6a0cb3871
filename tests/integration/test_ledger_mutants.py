"""
Would the tests notice? Every condition of the DynamoDB ledger, taken away in turn.

The conditions are removed from the transaction itself, on its way out. Two of them guard the same
thing twice: either of the two alone is enough, and that is shown too.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from echoes.adapters.dynamodb.credits import ledger as adapter
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.application.ports.credits import Ledger
from echoes.domain.credits.accounts import Posting
from echoes.domain.errors import EchoesError
from tests.support import ledger_directed as story
from tests.support.ledger_directed import STORIES
from tests.support.storage import CREDIT_ENTRIES, CREDIT_STATE, RECORDS

Story = Callable[[Ledger], None]


class Loose(TransactWrite):
    """A transaction without the conditions of some of its items."""

    without: ClassVar[frozenset[str]] = frozenset()

    def save(
        self, model: Model, condition: Condition | None = None, return_values: str | None = None
    ) -> None:
        """Put *model*, perhaps unconditionally."""
        if f"put {type(model).__name__}" in self.without:
            condition = return_values = None
        super().save(model, condition, return_values)

    def update(self, model: Model, actions: Any, condition: Any = None, **more: Any) -> None:  # type: ignore[override]  # noqa: ANN401  # as PynamoDB
        """Update *model*, perhaps unconditionally."""
        if f"update {type(model).__name__}" in self.without:
            condition, more = None, {}
        super().update(model, actions, condition, **more)


MUTANTS: dict[str, tuple[frozenset[str], Story]] = {
    "the guard of a reference": (
        frozenset({"put GuardItem"}),
        story.a_reference_counts_once,
    ),
    "the guard of a hold": (
        frozenset({"put HoldItem"}),
        story.a_hold_id_belongs_to_one_hold,
    ),
    "the state of a hold": (
        frozenset({"update HoldItem"}),
        story.a_hold_ends_once,
    ),
    "head and entry": (
        frozenset({"update HeadItem", "put EntryItem"}),
        story.no_write_is_lost,
    ),
    "head and entry of a new account": (
        frozenset({"update HeadItem", "put EntryItem"}),
        story.a_new_account_is_opened_once,
    ),
    "the head": (
        frozenset({"update HeadItem"}),
        story.a_cost_is_not_more_than_there_is,
    ),
    "the version of a clip": (
        frozenset({"put ClipItem"}),
        story.a_clip_comes_with_its_hold,
    ),
}
REDUNDANT = {
    "the entry alone": frozenset({"put EntryItem"}),
    "the head alone": frozenset({"update HeadItem"}),
}


@pytest.fixture
def ledger(tables: Connection) -> DynamoLedger:
    return DynamoLedger(
        entries_table=CREDIT_ENTRIES,
        state_table=CREDIT_STATE,
        records_table=RECORDS,
        connection=tables,
    )


def loosen(patch: pytest.MonkeyPatch, without: frozenset[str]) -> None:
    loose = type("Loose", (Loose,), {"without": without})
    patch.setattr(adapter, "TransactWrite", loose)
    patch.setattr("echoes.adapters.dynamodb.clips.clips.TransactWrite", loose)


def is_caught(tale: Story, ledger: Ledger) -> None:
    with pytest.raises((AssertionError, EchoesError, pytest.fail.Exception)):
        tale(ledger)


@pytest.mark.parametrize("tale", STORIES, ids=lambda tale: tale.__name__)
def test_a_sound_ledger_passes_every_story(ledger: DynamoLedger, tale: Story) -> None:
    """The control: without it a story that always fails would look like a sharp one."""
    tale(ledger)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_ledger_without_one_of_its_conditions_is_caught(
    ledger: DynamoLedger, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each condition is there for a reason, and the reason is tested."""
    without, tale = MUTANTS[name]
    loosen(monkeypatch, without)
    is_caught(tale, ledger)


@pytest.mark.parametrize("name", REDUNDANT)
def test_head_and_entry_each_stop_a_lost_write_alone(
    ledger: DynamoLedger, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """L5: the sequence is guarded twice, so one mistake in one place loses nothing."""
    loosen(monkeypatch, REDUNDANT[name])
    story.no_write_is_lost(ledger)
    story.a_new_account_is_opened_once(ledger)


def test_reading_the_reasons_by_position_is_caught(
    ledger: DynamoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DB1: the guard is the second thing added; a clip's put moves a hold's update behind it."""

    def by_position(posting: Posting, error: TransactWriteError) -> dict[str, Any] | None:
        del posting
        reason = error.cancellation_reasons[1] if error.cancellation_reasons else None
        return reason.raw_item if reason else None

    monkeypatch.setattr(adapter, "_blocking_guard", by_position)
    is_caught(story.a_replay_is_known_whatever_else_fails, ledger)


def test_taking_every_refusal_for_a_replay_is_caught(
    ledger: DynamoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 3: a conflict must not look like success."""

    def always(_self: DynamoLedger, posting: Posting, _error: TransactWriteError) -> object:
        return posting.entry

    monkeypatch.setattr(DynamoLedger, "_first_result", always)
    is_caught(story.a_conflict_is_no_replay, ledger)


def test_not_comparing_the_content_is_caught(
    ledger: DynamoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L7: the same reference for another amount must not look like success."""
    monkeypatch.setattr(adapter, "fingerprint", lambda _entry: _Anything())
    is_caught(story.other_content_is_refused, ledger)


class _Anything:
    """Equal to everything."""

    __hash__ = None  # type: ignore[assignment]  # never a key

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False
