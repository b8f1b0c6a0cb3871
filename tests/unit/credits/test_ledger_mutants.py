"""
Would the tests notice? Every check of the ledger in memory and of the domain, taken away in turn.

A mutant that survives its story means that the story proves nothing.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dev.fakes.clips import InMemoryClips
from dev.fakes.credits import InMemoryLedger
from echoes.application.ports.clips import ClipChange
from echoes.application.ports.credits import Alongside, Ledger
from echoes.domain.credits.accounts import CreditAccount, HoldStatus, Posting
from echoes.domain.credits.entries import CHAIN_START, Entry
from echoes.domain.errors import EchoesError, HoldAlreadySettled
from echoes.domain.identifiers import OwnerId
from tests.support import ledger_directed as story
from tests.support.ledger_directed import STORIES

Story = Callable[[Ledger], None]


class NoGuard(InMemoryLedger):
    """A reference may be used again."""

    def _first_result(self, posting: Posting) -> Entry | None:
        return None if posting.hold is None else super()._first_result(posting)


class NoHoldGuard(InMemoryLedger):
    """A hold may be placed over another."""

    def _first_result(self, posting: Posting) -> Entry | None:
        placing = posting.hold is not None and posting.hold.status is HoldStatus.OPEN
        return None if placing else super()._first_result(posting)


class NoHoldState(InMemoryLedger):
    """A hold may be settled again."""

    def _first_result(self, posting: Posting) -> Entry | None:
        settling = posting.hold is not None and posting.hold.status is not HoldStatus.OPEN
        return None if settling else super()._first_result(posting)


class NoComparison(InMemoryLedger):
    """A used reference returns the first result, whatever the request."""

    def post(self, posting: Posting, *, alongside: Alongside | None = None) -> Entry:
        first = self._first_result(posting)
        return first or super().post(posting, alongside=alongside)


class NoOpposite(InMemoryLedger):
    """Settled is settled, one way or the other."""

    def _first_result(self, posting: Posting) -> Entry | None:
        try:
            return super()._first_result(posting)
        except HoldAlreadySettled:
            assert posting.hold is not None
            settled = self._holds[posting.hold.hold_id]
            assert settled.settled_seq is not None
            return self._entry(settled.owner_id, settled.settled_seq)


class NoVersion(InMemoryLedger):
    """The last writer wins."""

    def _check_account(self, posting: Posting) -> None:
        pass


class AccountBeforeGuard(InMemoryLedger):
    """A replay on an account that moved on is taken for a conflict."""

    def post(self, posting: Posting, *, alongside: Alongside | None = None) -> Entry:
        self._check_account(posting)
        return super().post(posting, alongside=alongside)


class EverythingIsAReplay(InMemoryLedger):
    """Every failed condition counts as a repetition."""

    def _check_account(self, posting: Posting) -> None:
        present = self.account(posting.before.owner_id)
        if present.seq != posting.before.seq:
            self._accounts[present.owner_id] = replace(posting.before, status=present.status)


class NoClipCheck(InMemoryLedger):
    """The clip is stored by force."""

    def post(self, posting: Posting, *, alongside: Alongside | None = None) -> Entry:
        if isinstance(alongside, ClipChange) and self._clips is not None:
            self._clips.apply(alongside)
        return super().post(posting)


class BrokenChain(InMemoryLedger):
    """Entries do not know which one they follow."""

    def account(self, owner_id: OwnerId) -> CreditAccount:
        return replace(super().account(owner_id), chain_hash=CHAIN_START)


MUTANTS: dict[type[InMemoryLedger], Story] = {
    NoGuard: story.a_reference_counts_once,
    NoHoldGuard: story.a_hold_id_belongs_to_one_hold,
    NoHoldState: story.a_hold_ends_once,
    NoComparison: story.other_content_is_refused,
    NoOpposite: story.a_settlement_is_told_from_its_opposite,
    NoVersion: story.no_write_is_lost,
    AccountBeforeGuard: story.a_replay_is_known_whatever_else_fails,
    EverythingIsAReplay: story.a_conflict_is_no_replay,
    NoClipCheck: story.a_clip_comes_with_its_hold,
    BrokenChain: story.no_write_is_lost,
}


@pytest.mark.parametrize("tale", STORIES, ids=lambda tale: tale.__name__)
def test_a_sound_ledger_passes_every_story(tale: Story) -> None:
    """The control: without it a story that always fails would look like a sharp one."""
    tale(InMemoryLedger(clips=InMemoryClips()))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_ledger_without_one_of_its_checks_is_caught(mutant: type[InMemoryLedger]) -> None:
    """Each check is there for a reason, and the reason is tested."""
    with pytest.raises((AssertionError, EchoesError, pytest.fail.Exception)):
        MUTANTS[mutant](mutant(clips=InMemoryClips()))


def test_every_story_catches_something_or_is_caught_by_the_real_conditions() -> None:
    """Stories without a mutant here have one among the conditions of the DynamoDB ledger."""
    only_there = {story.a_new_account_is_opened_once, story.a_cost_is_not_more_than_there_is}
    assert set(STORIES) - set(MUTANTS.values()) == only_there
