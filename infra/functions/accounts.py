"""The functions of people: their accounts, what operators do to them, and who calls."""

from typing import Final

from infra.functions.spec import API_SECONDS, FunctionSpec

ACCOUNT_API: Final = FunctionSpec(
    folder="account",
    module="api",
    does="Serves guests, credits, entries, the catalogue of errors and the configuration.",
    timeout_seconds=API_SECONDS,
    concurrency=30,
    snap_start=True,
)
ADMIN_API: Final = FunctionSpec(
    folder="admin",
    module="api",
    does="Serves operators: what they do to accounts.",
    timeout_seconds=API_SECONDS,
    concurrency=5,
)
AUTHORIZER: Final = FunctionSpec(
    folder="authorizer",
    module="handler",
    does="Identifies the caller: a user of the pool, or a guest.",
    timeout_seconds=10,
    concurrency=50,
    snap_start=True,
)

ACCOUNTS: Final = (ACCOUNT_API, ADMIN_API, AUTHORIZER)
