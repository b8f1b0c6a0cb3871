"""
Everything the simulator remembers, in memory and in a journal.

Each commit is one line of JSON with the objects it changed, written in one piece before the
response goes out. So a simulator that was killed knows after its restart all that it has said, and
half of nothing. Opening the journal replaces it by a compact one in one step.
"""

import contextlib
import copy
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final

from dev.simulators.core.response import JsonObject

_NAME: Final = "stripe.jsonl"
_NOTHING: Final[Mapping[str, JsonObject]] = {}


class Store:
    """Objects by kind and id, in the order they were made. Thread-safe; copies in, copies out."""

    def __init__(self, directory: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._tables: dict[str, dict[str, JsonObject]] = {}
        self._changed: dict[tuple[str, str], JsonObject] = {}
        self._path = directory / _NAME if directory else None
        self._journal: IO[str] | None = None
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._replay(self._path)
            self._compact(self._path)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Exclude other threads; write what was changed when the outermost one ends."""
        with self._lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0 and self._changed:
                    self._commit()

    def put(self, kind: str, item: JsonObject) -> None:
        """Store the object under its `id`, in the place of an older one."""
        with self.transaction():
            kept = copy.deepcopy(item)
            self._tables.setdefault(kind, {})[str(item["id"])] = kept
            self._changed[kind, str(item["id"])] = kept

    def get(self, kind: str, identifier: str) -> JsonObject | None:
        """Return a copy of the object, or None."""
        with self._lock:
            return copy.deepcopy(self._tables.get(kind, _NOTHING).get(identifier))

    def select(
        self, kind: str, wanted: Callable[[JsonObject], bool] = lambda _: True
    ) -> list[JsonObject]:
        """Return copies of the objects that are wanted, oldest first; `wanted` changes nothing."""
        with self._lock:
            found = self._tables.get(kind, _NOTHING).values()
            return [copy.deepcopy(item) for item in found if wanted(item)]

    def remove_all(self, *kinds: str) -> None:
        """Forget all objects of these kinds, or everything."""
        with self._lock:
            for kind in kinds or tuple(self._tables):
                self._tables.pop(kind, None)
            self._changed.clear()
            if self._path:
                self._compact(self._path)

    def close(self) -> None:
        """Close the journal; what comes later is remembered in memory only."""
        with self._lock:
            if self._journal:
                self._journal.close()
            self._journal = None

    def _commit(self) -> None:
        changes = [[kind, item] for (kind, _), item in self._changed.items()]
        self._changed.clear()
        if self._journal:
            self._journal.write(json.dumps(changes, separators=(",", ":")) + "\n")
            self._journal.flush()

    def _replay(self, path: Path) -> None:
        if not path.exists():
            return
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                changes = json.loads(line)
            except ValueError:
                break  # the line that was being written when the process was killed
            for kind, item in changes:
                self._tables.setdefault(kind, {})[item["id"]] = item

    def _compact(self, path: Path) -> None:
        self.close()
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            for kind, table in self._tables.items():
                for item in table.values():
                    file.write(json.dumps([[kind, item]], separators=(",", ":")) + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        self._journal = path.open("a", encoding="utf-8")
