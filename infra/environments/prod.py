"""AWS, for people: data outlive their stack, and money is real."""

from typing import Final

from infra.environments.model import Environment

PROD: Final = Environment(
    name="prod",
    keeps_data=True,
    # As long as books must be kept in most of Europe.
    anchor_retention_days=10 * 365,
    allowed_origins=("https://echoes.example",),
    web_url="https://echoes.example",
    stripe_live=True,
)
