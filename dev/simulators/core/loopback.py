"""A server on loopback with a thread a connection, which can be stopped for certain."""

import contextlib
import logging
import select
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

LOOPBACK: Final = "127.0.0.1"
IDLE_SECONDS: Final = 75.0
"""A connection that says nothing for this long is closed."""

_LOG = logging.getLogger(__name__)
_LOOK_AGAIN_SECONDS: Final = 0.2


class LoopbackServer(ThreadingHTTPServer):
    """Listens on loopback; port 0 picks a free one. `stop` may be called once."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], *, port: int = 0) -> None:
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((LOOPBACK, port), handler)

    @property
    def url(self) -> str:
        """Return the address to send requests to, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def stop(self) -> None:
        """Stop listening and close every connection."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # stdlib
        """Remember the connection, so that `stop` can end it."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  # stdlib
        """Forget the connection and close it."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Log what broke one connection; the others continue."""
        del request
        if not self.stopping.is_set():
            _LOG.debug("connection from %s broke", client_address, exc_info=True)

    def keep_waiting(self, connection: socket.socket, seconds: float) -> None:
        """Send nothing until the client gives up, the server stops, or the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.stopping.is_set():
            readable, _, _ = select.select([connection], [], [], _LOOK_AGAIN_SECONDS)
            if readable and not connection.recv(1, socket.MSG_PEEK):
                return
