"""
The functions, as data: a module a capability, and in it a tuple of all its functions.

The stacks build them from here, and alarms know them by these names and timeouts.
"""

from typing import Final

from infra.functions import accounts, audit, clips, films, payments, projects, rewards, uploads
from infra.functions.spec import FunctionSpec

FUNCTIONS: Final[tuple[FunctionSpec, ...]] = (
    *uploads.UPLOADS,
    *clips.CLIPS,
    *films.FILMS,
    *projects.PROJECTS,
    *accounts.ACCOUNTS,
    *payments.PAYMENTS,
    *audit.AUDIT,
    *rewards.REWARDS,
)
"""All of them."""

FUNCTION_NAMED: Final = {spec.name: spec for spec in FUNCTIONS}
"""The same by their names."""
