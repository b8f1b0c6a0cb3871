"""The sockets: HTTP/1.1 with keep-alive on loopback, a thread a connection, every wait bounded."""

import contextlib
import logging
import select
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from dev.stripe.exchange import Reply, Request, json_reply

LOOPBACK: Final = "127.0.0.1"
MAX_BODY_BYTES: Final = 1024 * 1024
"""More than any request of a shop needs."""
IDLE_SECONDS: Final = 75.0
"""A connection that says nothing for this long is closed."""

_LOG = logging.getLogger(__name__)
_LOOK_AGAIN_SECONDS: Final = 0.2

Respond = Callable[[Request], Reply]


class Server(ThreadingHTTPServer):
    """Listens on loopback; port 0 picks a free one. `stop` may be called once."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, respond: Respond, *, port: int = 0) -> None:
        self.respond = respond
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((LOOPBACK, port), _Handler)

    @property
    def url(self) -> str:
        """Return the address to send requests to, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def stop(self) -> None:
        """Stop listening and hang up on everybody."""
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
        """Log what broke one connection; the others go on."""
        del request
        if not self.stopping.is_set():
            _LOG.debug("connection from %s broke", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "StripeSimulator"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def _exchange(self) -> None:
        started = time.monotonic()
        target = urlsplit(self.path)
        body = self._read_body()
        if isinstance(body, Reply):
            reply = body
        else:
            reply = self._respond(
                Request(
                    method="GET" if self.command == "HEAD" else self.command,
                    path=target.path,
                    query=target.query,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=body,
                )
            )
        self._send(reply)
        outcome = "lost" if reply.lost else reply.status
        spent = (time.monotonic() - started) * 1000
        _LOG.info("%s %s %s %.0f ms", self.command, target.path, outcome, spent)

    do_GET = do_HEAD = do_POST = do_DELETE = do_PATCH = do_PUT = _exchange  # noqa: N815  # stdlib

    def _respond(self, request: Request) -> Reply:
        try:
            return self.server.respond(request)
        except Exception:  # noqa: BLE001  # a bug here must not look like a lost connection
            _LOG.exception("%s %s", request.method, request.path)
            message = "The simulator itself has failed; see its log."
            return json_reply(500, {"error": {"type": "api_error", "message": message}})

    def _read_body(self) -> bytes | Reply:
        length = self.headers.get("content-length") or "0"
        if "transfer-encoding" in self.headers or not length.isascii() or not length.isdigit():
            self.close_connection = True
            return json_reply(400, {"error": {"type": "invalid_request_error"}})
        if int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            return json_reply(413, {"error": {"type": "invalid_request_error"}})
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return Reply(status=0, lost=True)
        return body

    def _send(self, reply: Reply) -> None:
        if reply.lost:
            self._keep_waiting(reply.hang_seconds)
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _keep_waiting(self, seconds: float) -> None:
        """Say nothing until the client gives up, the server stops, or the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.server.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], _LOOK_AGAIN_SECONDS)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # stdlib
        """Stay silent: `_exchange` logs, and it leaves queries out."""
