"""People who invite, are invited, buy, regret and share: on the ledger in memory."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from dev.fakes.clock import FakeClock
from dev.fakes.credits import InMemoryLedger
from dev.fakes.rewards import InMemoryRewards
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger, PurchaseChange
from echoes.application.ports.purchases import Purchases
from echoes.application.ports.rewards import InvitationCodes, PurchaseHistory, Rewards
from echoes.application.retries import retry_on_conflict
from echoes.application.rewards.claim_referral import ClaimReferral, ShowReferrals
from echoes.application.rewards.review_referral import FindFirstPurchase, ReviewReferral
from echoes.application.rewards.review_referrals import ReviewReferrals
from echoes.domain.credits.entries import Entry, EntryType
from echoes.domain.credits.postings import grant, reinstate, reverse
from echoes.domain.identifiers import CheckoutId, Credits, OrderId, OwnerId, PackId
from echoes.domain.purchases.payments import Purchase
from echoes.domain.rewards import (
    REFERRAL_AGE,
    RULES,
    RewardChange,
    RewardRules,
    share_reference,
    share_reward,
)
from tests.support.factories import an_id, an_owner

BOUGHT = Credits(10)


def settle(purchase: Purchase, reversed_: int, ledger: Ledger, clock: Clock) -> Purchase:
    """Post the difference that brings *purchase* to *reversed_* credits; return it."""
    step = reversed_ - purchase.reversed
    change = replace(purchase, reversed=Credits(reversed_), rev=purchase.rev + 1)
    post = reverse if step > 0 else reinstate
    posting = post(
        ledger.account(purchase.owner_id),
        reference=f"{purchase.checkout_id}#{change.rev}",
        amount=Credits(abs(step)),
        at=clock.now(),
        actor="system",
    )
    ledger.post(posting, alongside=PurchaseChange(purchase=change))
    return change


@dataclass
class RewardsHarness:
    """Everything rewards touch. The parts may be given, to have them on a real store."""

    clock: FakeClock = field(default_factory=FakeClock)
    rules: RewardRules = RULES
    memory: InMemoryRewards = field(default_factory=InMemoryRewards)

    def __post_init__(self) -> None:
        ledger = InMemoryLedger(rewards=self.memory)
        self.use(
            ledger=ledger,
            rewards=self.memory,
            codes=self.memory,
            history=ledger,
            purchases=ledger,
        )

    def use(
        self,
        *,
        ledger: Ledger,
        rewards: Rewards,
        codes: InvitationCodes,
        history: PurchaseHistory,
        purchases: Purchases,
    ) -> None:
        """Wire the use cases to these stores."""
        self.ledger, self.rewards, self.purchases = ledger, rewards, purchases
        first = FindFirstPurchase(history=history, purchases=purchases)
        self.show = ShowReferrals(rewards=rewards, codes=codes)
        self.claim = ClaimReferral(
            rewards=rewards, codes=codes, first_purchase=first, clock=self.clock
        )
        self.review = ReviewReferral(
            rewards=rewards,
            first_purchase=first,
            ledger=ledger,
            clock=self.clock,
            rules=self.rules,
        )
        self.review_all = ReviewReferrals(
            rewards=rewards, review_referral=self.review, clock=self.clock
        )

    def buy(self, owner: OwnerId, *, cents: int = 990) -> Purchase:
        """Let *owner* buy a pack."""
        purchase = Purchase(
            checkout_id=CheckoutId(f"cs_{an_id()}"),
            owner_id=owner,
            order_id=OrderId(an_id()),
            pack_id=PackId("starter"),
            pack_version=1,
            credits=BOUGHT,
            amount_total=cents,
            currency="usd",
            payment_id=None,
        )
        posting = grant(
            self.ledger.account(owner),
            type=EntryType.PURCHASE,
            reference=purchase.checkout_id,
            amount=BOUGHT,
            at=self.clock.now(),
            actor=owner,
        )
        self.ledger.post(posting, alongside=PurchaseChange(purchase=purchase))
        return purchase

    def take_back(self, purchase: Purchase, credits_: int) -> Purchase:
        """Let *purchase* stand at so many credits taken back."""
        return settle(purchase, credits_, self.ledger, self.clock)

    def share(self, owner: OwnerId) -> Entry | None:
        """
        Reward *owner* as the domain decides; return the entry, or ``None`` for no reward.

        No use case does this yet: the rule and the stores are tested together here.
        """

        def reward() -> Entry | None:
            at = self.clock.now()
            account = self.ledger.account(owner)
            counted = share_reward(self.rewards.tally(owner), at=at, rules=self.rules)
            if counted is None:
                return None
            posting = grant(
                account,
                type=EntryType.SHARE,
                reference=share_reference(owner, at=at),
                amount=self.rules.share_credits,
                at=at,
                actor=owner,
            )
            return self.ledger.post(posting, alongside=RewardChange(tally=counted))

        return retry_on_conflict(reward, clock=self.clock)

    def invited_by(self, referrer: OwnerId) -> OwnerId:
        """Return a new user who has claimed *referrer*'s code."""
        friend = an_owner()
        self.claim(friend, self.show(referrer).code)
        return friend

    def paying_friend(self, referrer: OwnerId) -> tuple[OwnerId, Purchase]:
        """Return a friend who bought something after the claim, and what."""
        friend = self.invited_by(referrer)
        self.clock.advance(timedelta(seconds=1))
        return friend, self.buy(friend)

    def age(self, by: timedelta = REFERRAL_AGE) -> None:
        """Let time pass."""
        self.clock.advance(by)

    def balance(self, owner: OwnerId) -> int:
        """Return what *owner* can spend, less what they owe."""
        account = self.ledger.account(owner)
        return account.available - account.debt
