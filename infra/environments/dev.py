"""AWS, to try out changes: as in production, but nothing is kept and no money is real."""

from typing import Final

from infra.environments.model import Environment

DEV: Final = Environment(
    name="dev",
    keeps_data=False,
    allowed_origins=("http://localhost:5173",),
)
