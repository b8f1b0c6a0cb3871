"""The whole simulator as one object, for tests in the same process and for the command line."""

import base64
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from dev.simulators.core.control import PREFIX, changed
from dev.simulators.core.request import Request
from dev.simulators.core.response import JsonObject, Response
from dev.simulators.core.server import Server
from dev.simulators.runway.api import Api
from dev.simulators.runway.control import Control
from dev.simulators.runway.faults import Operation, parse_call
from dev.simulators.runway.provider import Provider
from dev.simulators.runway.responses import RUNWAY
from dev.simulators.runway.settings import EXAMPLE_API_KEY, Settings


class RunwaySimulator:
    """
    Runway's API on a loopback port.

    Use it as a context manager: it listens from `__enter__` to `__exit__`. State is in memory,
    films are in a temporary directory (below `state`, if given) that goes with it. The control
    methods do what `/_control/` does.
    """

    def __init__(
        self, settings: Settings | None = None, *, port: int = 0, state: Path | None = None
    ) -> None:
        self._initial = settings or Settings(api_key=EXAMPLE_API_KEY)
        self._port = port
        self._state = state
        self._close: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        if self._state is not None:
            self._state.mkdir(parents=True, exist_ok=True)
        # Bound first: a port that is taken must not leave a directory behind.
        self._server = Server(RUNWAY, port=self._port)
        directory = tempfile.TemporaryDirectory(
            prefix="runway-",
            dir=self._state,
            ignore_cleanup_errors=True,  # a renderer may be writing its last film
        )
        self._provider = Provider(self._initial, directory=Path(directory.name))
        self._api = Api(self._provider, base_url=self._server.url)
        self._control = Control(self._provider, self._api, initial=self._initial)
        self._server.respond = self._respond
        self._server.start()
        self._close = [self._server.stop, self._provider.close, directory.cleanup]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for step in self._close:
            step()
        self._close = []

    def _respond(self, request: Request) -> Response:
        if request.path.startswith(PREFIX):
            return self._control.handle(request)
        return self._api.handle(request)

    @property
    def url(self) -> str:
        """Return the base URL, as `RUNWAYML_BASE_URL` wants it."""
        return self._server.url

    @property
    def api_key(self) -> str:
        """Return a key that is admitted."""
        return self._provider.settings.api_key or EXAMPLE_API_KEY

    @property
    def settings(self) -> Settings:
        """Return the present settings."""
        return self._provider.settings

    def change(self, **changes: object) -> None:
        """Change settings by name, at once: `change(speed=500, concurrency=1)`."""
        self._provider.change(changed(self._provider.settings, changes))

    def inject(self, fault: str, *, count: int = 1, on: str = "create") -> None:
        """Let the next `count` requests of a kind meet a fault; `slow=20` gives it an argument."""
        self._provider.queue_fault(parse_call(fault), operation=Operation(on), count=count)

    def tasks(self) -> Sequence[JsonObject]:
        """Return every task that was ever accepted, deleted ones too, oldest first."""
        return self._provider.tasks()

    def requests(self) -> JsonObject:
        """Return how often each operation was asked for, by outcome."""
        return self._api.counts()

    def publish(self, data: bytes, content_type: str = "image/jpeg") -> str:
        """Return an https URL which `promptImage` may name for this file."""
        return self._provider.publish(data, content_type)

    def reset(self) -> None:
        """Forget everything that happened and return to the first settings."""
        self._provider.reset(self._initial)
        self._api.clear_counts()


def data_uri(photo: bytes, content_type: str = "image/jpeg") -> str:
    """Return a photo as the `data:` URI that `promptImage` takes."""
    return f"data:{content_type};base64,{base64.b64encode(photo).decode('ascii')}"
