"""The functions of invitations."""

from typing import Final

from infra.functions.spec import FunctionSpec

REWARDS_REVIEW: Final = FunctionSpec(
    folder="rewards",
    module="review",
    does="Every hour, rewards who invited somebody that paid, or takes it back.",
    timeout_seconds=300,
    concurrency=1,
    asynchronous=True,
)

REWARDS: Final = (REWARDS_REVIEW,)
