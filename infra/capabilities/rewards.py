"""Rewards: invitations become credits once the invited person has paid."""

from infra import functions
from infra.capabilities.service import Service
from infra.constructs.reward_review import RewardReview
from infra.stacks.data import DataStack


def equip_rewards(service: Service, data: DataStack) -> None:
    """Let the hourly review grant and reverse rewards, and call it."""
    review = service.functions[functions.rewards.REWARDS_REVIEW]
    data.ledger.grant_post(review)
    data.records.grant_write(review)
    data.records.grant_find_due(review)
    RewardReview(service.scope, "RewardReview", review=review)
