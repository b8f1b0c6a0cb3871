"""
Would the tests notice? Every rule of the audit, and every check of a quote, taken away in turn.

A tampering that is still found without its rule would show that the rule is not needed; one that
is not found even with it is caught by the tests of the audit themselves.
"""

import hmac
from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest

from echoes.domain.audit import books
from echoes.domain.audit.books import Rule
from echoes.domain.clips import quotes
from echoes.domain.errors import InvalidRequest
from echoes.domain.identifiers import Credits, UploadId
from echoes.http.clips import quotes as sealed_quotes
from echoes.http.clips.quotes import QuoteSeals
from echoes.http.rejections import UnreadableRequest
from tests.support.factories import NOON, an_id, an_owner
from tests.unit.audit.test_audit_books import TAMPERINGS, Night

RULES: dict[str, Rule] = {
    "_head": Rule.HEAD,
    "_guards": Rule.GUARDS,
    "_holds": Rule.HOLDS,
    "_generations": Rule.GENERATIONS,
}


def nothing(_books: object) -> Iterable[books.BookFault]:
    return ()


def unseen(tampering: str) -> bool:
    """Return whether the audit's rule for *tampering* says nothing."""
    night = Night()
    tamper, rule = TAMPERINGS[tampering]
    tamper(night)
    return rule not in night.rules()


@pytest.mark.parametrize("check", RULES)
def test_an_audit_without_one_of_its_rules_misses_what_only_it_finds(
    monkeypatch: pytest.MonkeyPatch, check: str
) -> None:
    """R2, R3, R6, R7: no rule repeats another."""
    touched = [name for name, (_, rule) in TAMPERINGS.items() if rule is RULES[check]]
    assert touched
    assert not any(unseen(name) for name in touched)
    monkeypatch.setattr(books, check, nothing)
    monkeypatch.setattr(books, "check_hold", lambda *_hold, **_how: [])
    monkeypatch.setattr(
        "echoes.application.audit.audit_books.check_hold", lambda *_hold, **_how: []
    )
    monkeypatch.setattr("echoes.application.audit.audit_books.check_guard", lambda *_guard: None)
    assert all(unseen(name) for name in touched)


def test_an_audit_that_does_not_verify_the_chain_misses_an_edit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R1: an edit of words changes no sum: only the hashes show it."""
    monkeypatch.setattr(books, "verify_chain", lambda _entries, **_head: None)
    assert unseen("a reason")


OWNER = an_owner()
QUOTE = quotes.quote(OWNER, [quotes.RequestedClip(duration_seconds=10)], free=False, at=NOON)
SEALS = QuoteSeals(keys=lambda: [b"present"])


def price(**changes: object) -> Credits:
    fields: dict[str, object] = {
        "owner_id": OWNER,
        "upload_id": UploadId(an_id()),
        "duration_seconds": 10,
        "at": NOON,
    }
    return quotes.quoted_price(QUOTE, **(fields | changes))  # type: ignore[arg-type]  # any field


def an_expired_quote() -> None:
    with pytest.raises(InvalidRequest):
        price(at=NOON + quotes.QUOTE_LIFETIME)


def somebody_elses_quote() -> None:
    with pytest.raises(InvalidRequest):
        price(owner_id=an_owner())


def a_quote_for_another_length() -> None:
    with pytest.raises(InvalidRequest):
        price(duration_seconds=5)


def a_forged_quote() -> None:
    with pytest.raises(UnreadableRequest):
        SEALS.open(QuoteSeals(keys=lambda: [b"guessed"]).seal(QUOTE), owner_id=OWNER)


def a_quote_handed_on() -> None:
    with pytest.raises(UnreadableRequest):
        SEALS.open(SEALS.seal(QUOTE), owner_id=an_owner())


def a_price_that_moved() -> None:
    assert price() == Credits(2)


REFUSALS: tuple[Callable[[], None], ...] = (
    an_expired_quote,
    somebody_elses_quote,
    a_quote_for_another_length,
    a_forged_quote,
    a_quote_handed_on,
    a_price_that_moved,
)


@pytest.mark.parametrize("story", REFUSALS, ids=lambda story: story.__name__)
def test_sound_quotes_pass_every_story(story: Callable[[], None]) -> None:
    """The control: the stories end well as things are."""
    story()


class Anybody(str):
    """Equal to every owner."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # never a key

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


def eternal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(quotes, "quoted_price", without(quotes.quoted_price, at=NOON - timedelta(days=1)))


def without(whole: Callable[..., Credits], **fixed: object) -> Callable[..., Credits]:
    """Return *whole* asked with *fixed* whatever it is asked with: that check sees nothing."""

    def asked(quote: quotes.Quote, **fields: object) -> Credits:
        return whole(quote, **(fields | fixed))

    return asked


MUTANTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], Callable[[], None]]] = {
    "expiry": (eternal, an_expired_quote),
    "owner": (
        lambda patch: patch.setattr(
            quotes, "quoted_price", without(quotes.quoted_price, owner_id=OWNER)
        ),
        somebody_elses_quote,
    ),
    "clip": (
        lambda patch: patch.setattr(
            quotes, "quoted_price", without(quotes.quoted_price, duration_seconds=10)
        ),
        a_quote_for_another_length,
    ),
    "seal": (
        lambda patch: patch.setattr(hmac, "compare_digest", lambda _one, _other: True),
        a_forged_quote,
    ),
    "owner in the seal": (
        lambda patch: patch.setattr(sealed_quotes, "OwnerId", Anybody),
        a_quote_handed_on,
    ),
    "price": (
        lambda patch: patch.setattr(quotes, "quoted_price", lambda _quote, **_request: Credits(3)),
        a_price_that_moved,
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_quote_without_one_of_its_checks_is_caught(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each check is there for a reason, and the reason is tested."""
    weaken, story = MUTANTS[name]
    weaken(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        story()
