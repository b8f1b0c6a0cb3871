"""Runway's models, as far as we use them. Source: its API reference, November 2026."""

from types import MappingProxyType
from typing import Final

from echoes.application.ports.providers import Cancelling, Capabilities
from echoes.domain.clips.clip import DURATIONS
from echoes.domain.clips.ratios import Ratio


def _capabilities(
    durations: frozenset[int],
    ratios: frozenset[Ratio],
    usual_seconds: float,
    cost_per_second: int,
) -> Capabilities:
    return Capabilities(
        durations=durations,
        ratios=ratios,
        # A running task can be stopped too, but it is charged.
        cancelling=Cancelling.WHILE_QUEUED,
        reports_progress=True,
        # There is no idempotency header, no reference field and no list of tasks.
        correlates=False,
        usual_seconds=usual_seconds,
        cost_per_second=cost_per_second,
    )


_GEN4: Final = frozenset(DURATIONS), frozenset(Ratio)
_VEO: Final = frozenset({4, 6, 8}), frozenset({Ratio.WIDE, Ratio.TALL})

MODELS: Final = MappingProxyType(
    {
        "gen4_turbo": _capabilities(*_GEN4, usual_seconds=30.0, cost_per_second=5),
        "gen4.5": _capabilities(*_GEN4, usual_seconds=150.0, cost_per_second=12),
        "veo3.1_fast": _capabilities(*_VEO, usual_seconds=45.0, cost_per_second=10),
        "veo3.1": _capabilities(*_VEO, usual_seconds=60.0, cost_per_second=20),
    }
)
"""Every model we offer; another one is refused at start-up, not when a clip is ordered."""
