"""Use case: reward a user for sharing."""

from dataclasses import dataclass

from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.ports.rewards import Rewards
from echoes.application.retries import retry_on_conflict
from echoes.domain.credits.entries import Entry, EntryType
from echoes.domain.credits.postings import grant
from echoes.domain.identifiers import OwnerId
from echoes.domain.rewards import RULES, RewardChange, RewardRules, share_day, share_reward


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardShare:
    """Thank for the first share of a day, until the last thanks are given."""

    rewards: Rewards
    ledger: Ledger
    clock: Clock
    rules: RewardRules = RULES

    def __call__(self, owner_id: OwnerId) -> Entry | None:
        """
        Return the entry of the reward; ``None`` if today had one, or all were given.

        The ledger's guard carries the day, and the tally changes in the same commit: many shares
        at once are one reward, and the cap for life is never passed. Call it once the share is
        stored; repeating it is harmless. Raises `Conflict` or `Unavailable`.
        """

        def thank() -> Entry | None:
            at = self.clock.now()
            account = self.ledger.account(owner_id)
            counted = share_reward(self.rewards.tally(owner_id), at=at, rules=self.rules)
            if counted is None:
                return None
            posting = grant(
                account,
                type=EntryType.SHARE,
                reference=f"{owner_id}#{share_day(at)}",
                amount=self.rules.share_credits,
                at=at,
                actor=owner_id,
            )
            return self.ledger.post(posting, alongside=RewardChange(tally=counted))

        return retry_on_conflict(thank, clock=self.clock)
