"""
Rewards: credits for inviting a friend who buys, and for sharing a clip.

A referral's reward is a function of the friend's first paid purchase as it is now, never of an
event: earned once the purchase is old enough and whole, reversed when it is no longer whole, and
reinstated when it is whole again. Every reward ever given counts towards the caps (L15).
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from echoes.domain.credits.entries import NO_CREDITS
from echoes.domain.errors import InvalidRequest, ReferralRefused
from echoes.domain.identifiers import CheckoutId, Credits, OwnerId

REFERRAL_AGE: Final = timedelta(days=7)
"""How old the friend's purchase must be: stolen cards and second thoughts show within days."""

REFERRAL_OPEN: Final = timedelta(days=90)
"""How long an invitation waits for the friend to buy."""

REFERRAL_WATCH: Final = timedelta(days=180)
"""How long the purchase may still be reversed: banks dispute up to 120 days back."""

RECHECK: Final = timedelta(days=1)
"""How often an invitation is reviewed until something is due."""

CODE_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet: no two letters look alike."""

CODE_LENGTH: Final = 8
"""40 bits: with a million codes in use, one guess in a million hits, and gains nothing."""

LOOK_ALIKES: Final = str.maketrans("OIL", "011", "- ")


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRules:
    """What rewards are worth, and caps against abuse."""

    referral_credits: Credits
    share_credits: Credits
    referrals_a_month: int = 10
    """More paying friends a month than people have, and fewer than a ring of fraudsters needs."""

    referrals_ever: int = 50
    shares_ever: int = 10


RULES: Final = RewardRules(referral_credits=Credits(5), share_credits=Credits(1))
"""The rules in force."""


class ReferralState(StrEnum):
    """The state of a referral. ``capped`` and ``lapsed`` are final."""

    PENDING = "pending"
    REWARDED = "rewarded"
    REVERSED = "reversed"
    CAPPED = "capped"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """
    Who invited a user. Each invited user has exactly one.

    Stored whole if the stored version is ``version - 1`` (0: not stored yet).
    """

    referee_id: OwnerId
    referrer_id: OwnerId
    claimed_at: datetime
    state: ReferralState = ReferralState.PENDING
    review_at: datetime | None
    """When to review it next; ``None`` once nothing can happen any more."""

    credits: Credits = NO_CREDITS
    """The credits that were given: the rules may have changed by the time of a reversal."""

    turns: int = 0
    """How often the reward was reversed or reinstated."""

    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardTally:
    """
    The rewards of one owner so far, which the caps apply to.

    Stored whole if the stored version is ``version - 1`` (0: not stored yet).
    """

    owner_id: OwnerId
    invited: int = 0
    pending: int = 0
    rewarded: int = 0
    """Rewards that stand."""

    granted: int = 0
    """Rewards ever given: a reversed one makes no room for another."""

    month: str = ""
    granted_in_month: int = 0
    shares: int = 0
    shared_on: str = ""
    version: int = 0

    def room(self, *, at: datetime, rules: RewardRules = RULES) -> bool:
        """Return whether one more referral may be rewarded in the month of *at*."""
        this_month = self.granted_in_month if self.month == _month(at) else 0
        return self.granted < rules.referrals_ever and this_month < rules.referrals_a_month


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardChange:
    """A referral and a tally to store together: both or neither."""

    referral: Referral | None = None
    tally: RewardTally | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPurchase:
    """A user's first paid purchase. ``whole`` while nothing of it has been reversed."""

    checkout_id: CheckoutId
    at: datetime
    whole: bool


class RewardTurn(StrEnum):
    """The posting that a review leads to."""

    GRANT = "grant"
    REVERSE = "reverse"
    REINSTATE = "reinstate"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralVerdict:
    """The result of a review: what to post, if anything, and what to store with it."""

    change: RewardChange
    turn: RewardTurn | None = None


def code_of(owner_id: OwnerId, *, number: int = 0) -> str:
    """Return an owner's code; *number* increases while the code is taken."""
    digest = sha256(f"{owner_id}\x1freferral code\x1f{number}".encode()).digest()
    return "".join(CODE_ALPHABET[byte % len(CODE_ALPHABET)] for byte in digest[:CODE_LENGTH])


def read_code(written: str) -> str:
    """
    Return the code as we store it; people may write dashes, blanks, lower case or O for 0.

    Raises `InvalidRequest` for what cannot be a code.
    """
    code = written.upper().translate(LOOK_ALIKES)
    if len(code) != CODE_LENGTH or not set(code) <= set(CODE_ALPHABET):
        raise InvalidRequest("this is not an invitation code", field="code")
    return code


def claim(
    referee_id: OwnerId,
    tally: RewardTally,
    *,
    known: Referral | None,
    purchase: FirstPurchase | None,
    at: datetime,
) -> RewardChange | None:
    """
    Return the change by which *tally*'s owner has invited *referee_id*; ``None`` if so already.

    Raises:
        ReferralRefused: It is their own code, or they have claimed a code or bought before.
    """
    referrer_id = tally.owner_id
    if known is not None:
        if known.referrer_id == referrer_id:
            return None
        raise ReferralRefused("you have already used an invitation")
    if referrer_id == referee_id:
        raise ReferralRefused("you cannot use your own invitation")
    if purchase is not None:
        raise ReferralRefused("invitations are only for new customers")
    referral = Referral(
        referee_id=referee_id, referrer_id=referrer_id, claimed_at=at, review_at=at + RECHECK
    )
    counted = replace(
        tally, invited=tally.invited + 1, pending=tally.pending + 1, version=tally.version + 1
    )
    return RewardChange(referral=referral, tally=counted)


def review(
    referral: Referral,
    tally: RewardTally,
    purchase: FirstPurchase | None,
    *,
    at: datetime,
    rules: RewardRules = RULES,
) -> ReferralVerdict:
    """Review *referral* of *tally*'s owner against the purchase as it is now."""
    if referral.referrer_id != tally.owner_id:
        raise ValueError("the tally belongs to another owner")
    match referral.state:
        case ReferralState.PENDING:
            return _review_pending(referral, tally, purchase, at, rules)
        case ReferralState.REWARDED | ReferralState.REVERSED:
            return _review_settled(referral, tally, purchase, at)
        case ReferralState.CAPPED | ReferralState.LAPSED:
            return ReferralVerdict(change=RewardChange())


def share_reward(
    tally: RewardTally, *, at: datetime, rules: RewardRules = RULES
) -> RewardTally | None:
    """Return *tally* with one more share; ``None`` if today had one, or the last was given."""
    today = _day(at)
    if tally.shared_on == today or tally.shares >= rules.shares_ever:
        return None
    return replace(tally, shares=tally.shares + 1, shared_on=today, version=tally.version + 1)


def share_reference(owner_id: OwnerId, *, at: datetime) -> str:
    """Return the reference of the reward: the ledger's guard allows one for each owner and day."""
    return f"{owner_id}#{_day(at)}"


def _review_pending(
    referral: Referral,
    tally: RewardTally,
    purchase: FirstPurchase | None,
    at: datetime,
    rules: RewardRules,
) -> ReferralVerdict:
    if purchase is None:
        over = at >= referral.claimed_at + REFERRAL_OPEN
        return _end(referral, tally, ReferralState.LAPSED) if over else _wait(referral, at)
    if purchase.at <= referral.claimed_at or purchase.at > referral.claimed_at + REFERRAL_OPEN:
        return _end(referral, tally, ReferralState.LAPSED)
    if at < purchase.at + REFERRAL_AGE:
        return _watch(referral, purchase.at + REFERRAL_AGE)
    if not purchase.whole:
        over = at >= purchase.at + REFERRAL_WATCH
        return _end(referral, tally, ReferralState.LAPSED) if over else _wait(referral, at)
    if not tally.room(at=at, rules=rules):
        return _end(referral, tally, ReferralState.CAPPED)
    same_month = tally.month == _month(at)
    counted = replace(
        tally,
        pending=tally.pending - 1,
        rewarded=tally.rewarded + 1,
        granted=tally.granted + 1,
        month=_month(at),
        granted_in_month=(tally.granted_in_month if same_month else 0) + 1,
        version=tally.version + 1,
    )
    rewarded = _moved(
        replace(referral, credits=rules.referral_credits), ReferralState.REWARDED, at + RECHECK
    )
    return ReferralVerdict(
        change=RewardChange(referral=rewarded, tally=counted),
        turn=RewardTurn.GRANT,
    )


def _review_settled(
    referral: Referral, tally: RewardTally, purchase: FirstPurchase | None, at: datetime
) -> ReferralVerdict:
    """Follow the purchase: the reward stands as long as the purchase is whole."""
    if purchase is None:
        raise AssertionError(f"{referral.referee_id} was rewarded without a purchase")
    stands, earned = referral.state is ReferralState.REWARDED, purchase.whole
    if earned is stands:
        over = at >= purchase.at + REFERRAL_WATCH
        return _watch(referral, None if over else at + RECHECK)
    turned = _moved(
        replace(referral, turns=referral.turns + 1),
        ReferralState.REWARDED if earned else ReferralState.REVERSED,
        at + RECHECK,
    )
    counted = replace(
        tally, rewarded=tally.rewarded + (1 if earned else -1), version=tally.version + 1
    )
    return ReferralVerdict(
        change=RewardChange(referral=turned, tally=counted),
        turn=RewardTurn.REINSTATE if earned else RewardTurn.REVERSE,
    )


def _end(referral: Referral, tally: RewardTally, state: ReferralState) -> ReferralVerdict:
    counted = replace(tally, pending=tally.pending - 1, version=tally.version + 1)
    return ReferralVerdict(
        change=RewardChange(referral=_moved(referral, state, None), tally=counted)
    )


def _wait(referral: Referral, at: datetime) -> ReferralVerdict:
    return _watch(referral, at + RECHECK)


def _watch(referral: Referral, until: datetime | None) -> ReferralVerdict:
    """Return that nothing is due until then."""
    if referral.review_at == until:
        return ReferralVerdict(change=RewardChange())
    return ReferralVerdict(change=RewardChange(referral=_moved(referral, referral.state, until)))


def _moved(referral: Referral, state: ReferralState, review_at: datetime | None) -> Referral:
    return replace(referral, state=state, review_at=review_at, version=referral.version + 1)


def _day(at: datetime) -> str:
    """Return the day of *at* in UTC: people everywhere have the same days."""
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def _month(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m}"
