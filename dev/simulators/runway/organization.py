"""
The account: credits, the tier's limits, and the counters that follow real use.

Credits are taken when a task is created and given back, as far as its cost allows, when it ends.
Days are UTC.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from dev.simulators.core.response import JsonObject

QUOTA_WINDOW: Final = timedelta(hours=24)
MAX_MONTHLY_CREDITS: Final = 200_000


@dataclass(slots=True, kw_only=True)
class Organization:
    """
    One customer of the provider. Not thread-safe.

    `daily_limit` counts tasks a model in a rolling window of 24 hours; None means unlimited.
    `entitled` names the models the key may use; None means all.
    """

    credits: int
    daily_limit: int | None
    concurrency: int
    models: tuple[str, ...]
    now: Callable[[], datetime]
    entitled: frozenset[str] | None = None
    _created: dict[str, list[datetime]] = field(default_factory=dict)
    _spent: dict[tuple[date, str], int] = field(default_factory=dict)

    def may_use(self, model: str) -> bool:
        """Return whether the key is entitled to a model."""
        return self.entitled is None or model in self.entitled

    def over_daily_limit(self, model: str) -> bool:
        """Return whether one more task of this model would exceed the day's quota."""
        return self.daily_limit is not None and self.daily_generations(model) >= self.daily_limit

    def daily_generations(self, model: str) -> int:
        """Count the tasks of a model in the last 24 hours."""
        horizon = self.now() - QUOTA_WINDOW
        kept = [at for at in self._created.get(model, []) if at > horizon]
        self._created[model] = kept
        return len(kept)

    def charge(self, model: str, amount: int) -> None:
        """Take the credits of a new task and count it."""
        self.credits -= amount
        self._created.setdefault(model, []).append(self.now())
        self._task_list(model, amount)

    def refund(self, model: str, amount: int) -> None:
        """Give credits back; the count of generations stays."""
        if amount:
            self.credits += amount
            self._task_list(model, -amount)

    def as_json(self) -> JsonObject:
        """Return the body of `GET /v1/organization`."""
        models = [model for model in self.models if self.may_use(model)]
        return {
            "creditBalance": self.credits,
            "tier": {
                "maxMonthlyCreditSpend": MAX_MONTHLY_CREDITS,
                "models": {
                    model: {
                        "maxConcurrentGenerations": self.concurrency,
                        "maxDailyGenerations": self.daily_limit,
                    }
                    for model in models
                },
            },
            "usage": {
                "models": {
                    model: {"dailyGenerations": self.daily_generations(model)} for model in models
                }
            },
        }

    def usage(self, start: date, before: date) -> JsonObject:
        """Return the body of `POST /v1/organization/usage`; the day `before` is not in it."""
        rows = sorted(
            (day, model, amount)
            for (day, model), amount in self._spent.items()
            if start <= day < before
        )
        return {
            "models": _unique(model for _, model, _ in rows),
            "results": [
                {
                    "date": day.isoformat(),
                    "usedCredits": [
                        {"model": model, "amount": amount}
                        for other, model, amount in rows
                        if other == day
                    ],
                }
                for day in _days(start, before)
            ],
        }

    def _task_list(self, model: str, amount: int) -> None:
        key = (self.now().astimezone(UTC).date(), model)
        self._spent[key] = self._spent.get(key, 0) + amount


def _days(start: date, before: date) -> list[date]:
    return [start + timedelta(days=offset) for offset in range((before - start).days)]


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
