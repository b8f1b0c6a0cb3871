"""
Many jobs of a provider, polled by our schedule: how late we are, and what it costs.

Run times are lognormal (median 75 s, sigma 0.35: p10 48 s, p95 133 s). The odds of the progress
reported are the true ones times lognormal noise (sigma 0.35), drawn anew for each poll: what
remains is misjudged by a third both ways, and progress now and then steps backwards.

The harsher model, `on_progress`, puts the same noise on the progress itself. Nobody has yet seen
which of them Runway is like; the benchmark prints both.
"""

import math
import random
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import quantiles

from echoes.domain.clips.polling import Observation, begin_watch, first_wait, next_wait, observe
from echoes.domain.identifiers import AttemptId

MEDIAN_SECONDS = 75.0
SIGMA = 0.35
NOISE = 0.35
OVERHEAD_SECONDS = 0.3
"""What a state machine and a warm function add to each wait."""

TRANSITION_USD = 25 / 1_000_000
POLL_USD = 0.20 / 1_000_000 + 0.5 * 13.3334 / 1_000_000 * 0.12
"""One request and 120 ms of 512 MB on arm64."""

START = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run of the simulation found."""

    jobs: int
    median_delay: float
    p95_delay: float
    p99_delay: float
    polls: float
    transitions: float
    usd_per_1000: float


def simulate(
    jobs: int,
    *,
    seed: int,
    fixed_transitions: int,
    transitions_per_poll: int,
    queued_share: float = 0.0,
    on_progress: bool = False,
) -> Outcome:
    """Poll *jobs* jobs; ``queued_share`` of them wait in a queue first (60 s on average)."""
    chance = random.Random(seed)
    history: deque[float] = deque(maxlen=50)
    delays, polls = [], 0
    for number in range(jobs):
        queued = chance.expovariate(1 / 60) if chance.random() < queued_share else 0.0
        ends = queued + chance.lognormvariate(math.log(MEDIAN_SECONDS), SIGMA)
        seen, asked = _poll(number, queued, ends, history, chance, on_progress=on_progress)
        history.append(seen - queued)
        delays.append(seen - ends)
        polls += asked
    cuts = quantiles(delays, n=100)
    transitions = fixed_transitions + transitions_per_poll * polls / jobs
    return Outcome(
        jobs=jobs,
        median_delay=cuts[49],
        p95_delay=cuts[94],
        p99_delay=cuts[98],
        polls=polls / jobs,
        transitions=transitions,
        usd_per_1000=1000 * (transitions * TRANSITION_USD + polls / jobs * POLL_USD),
    )


def _poll(
    number: int,
    queued: float,
    ends: float,
    history: deque[float],
    chance: random.Random,
    *,
    on_progress: bool,
) -> tuple[float, int]:
    """Return when the end was seen, and after how many polls."""
    watch = begin_watch(AttemptId(f"clip-{number}-1"), history=history, usual_seconds=40, at=START)
    now, wait, polls = 0.0, first_wait(watch), 0
    while True:
        now += max(1, round(wait)) + OVERHEAD_SECONDS
        polls += 1
        if now >= ends:
            return now, polls
        running = now >= queued
        observation = Observation(
            at=START + timedelta(seconds=now),
            running=running,
            progress=(
                _reported((now - queued) / (ends - queued), chance, on_progress=on_progress)
                if running
                else None
            ),
        )
        wait = next_wait(watch, observation)
        watch = observe(watch, observation)


def _reported(progress: float, chance: random.Random, *, on_progress: bool) -> float:
    factor = math.exp(chance.gauss(0, NOISE))
    if on_progress:
        return min(progress * factor, 1.0)
    odds = progress / (1 - progress) * factor
    return odds / (1 + odds)
