"""The functions of invitations."""

from typing import Final

from infra.functions.spec import FunctionSpec

REWARDS_REVIEW: Final = FunctionSpec(
    folder="rewards",
    module="review",
    does="Rewards people whose friends have paid, or reverses it, every hour.",
    timeout_seconds=300,
    concurrency=1,
    asynchronous=True,
)

REWARDS: Final = (REWARDS_REVIEW,)
