"""The sockets: HTTP/1.1 with keep-alive on loopback, a thread a connection, every wait bounded."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Final
from urllib.parse import urlsplit

from dev.simulators.core.loopback import IDLE_SECONDS, LoopbackServer
from dev.simulators.core.request import Request
from dev.simulators.core.response import FilePart, Response

_LOG = logging.getLogger(__name__)
_CHUNK: Final = 256 * 1024
_MAX_DRAINED: Final = 64 * 1024 * 1024

Respond = Callable[[Request], Response]


def _no_headers() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """
    What the gateway in front of the vendor's API does, whatever the request asks for.

    `refuse` returns the response for a status that the server itself gives: 400 and
    `chunked_status` for a body without a usable length, 413 for one that is too long, 500 for a bug
    of the simulator, 503 before it is ready. `headers` come with every response. `max_body_bytes`
    bounds a body unless `longer_bodies` has its path.
    """

    name: str
    refuse: Callable[[int], Response]
    max_body_bytes: int
    longer_bodies: Mapping[str, int] = field(default_factory=dict)
    chunked_status: int = 400
    headers: Callable[[], Mapping[str, str]] = _no_headers


class Server(LoopbackServer):
    """Answers with what `respond` returns, from `start` to `stop`."""

    def __init__(self, vendor: Vendor, respond: Respond | None = None, *, port: int = 0) -> None:
        self.vendor = vendor
        self.respond = respond
        super().__init__(_Handler, port=port)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, name=vendor.name
        )

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, close every connection and wait for the thread."""
        super().stop()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def version_string(self) -> str:
        """Return what the header `Server` says."""
        return self.server.vendor.name

    def _serve(self) -> None:
        started = time.monotonic()
        target = urlsplit(self.path)
        body = self._read_body(target.path)
        if isinstance(body, Response):
            response = body
        else:
            response = self._respond(
                Request(
                    method=self.command,
                    path=target.path,
                    query=target.query,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=body,
                )
            )
        self._send(response)
        spent = (time.monotonic() - started) * 1000
        _LOG.info("%s %s %s %.0f ms", self.command, target.path, response.outcome, spent)

    do_GET = do_HEAD = do_POST = do_DELETE = do_PATCH = do_PUT = _serve  # noqa: N815  # stdlib

    def _respond(self, request: Request) -> Response:
        if self.server.respond is None:
            return self.server.vendor.refuse(503)
        try:
            return self.server.respond(request)
        except Exception:  # noqa: BLE001  # a bug here must not look like a lost connection
            _LOG.exception("%s %s", request.method, request.path)
            return self.server.vendor.refuse(500)

    def _read_body(self, path: str) -> bytes | Response:
        vendor = self.server.vendor
        if "transfer-encoding" in self.headers:
            return self._hang_up(vendor.refuse(vendor.chunked_status))
        given = self.headers.get("content-length") or "0"
        if not given.isascii() or not given.isdigit():
            return self._hang_up(vendor.refuse(400))
        length = int(given)
        if length > vendor.longer_bodies.get(path, vendor.max_body_bytes):
            self._drain(min(length, _MAX_DRAINED))
            return self._hang_up(vendor.refuse(413))
        body = self.rfile.read(length)
        if len(body) < length:
            return self._hang_up(Response(status=0, lost=True))
        return body

    def _hang_up(self, response: Response) -> Response:
        self.close_connection = True
        return response

    def _drain(self, left: int) -> None:
        """Read and drop a body that is too long, or the client would not read the response."""
        while left > 0:
            piece = self.rfile.read(min(left, _CHUNK))
            if not piece:
                return
            left -= len(piece)

    def _send(self, response: Response) -> None:
        if response.lost:
            self.server.keep_waiting(self.connection, response.hang_seconds)
            self.close_connection = True
            return
        file = response.file
        self.send_response(response.status)
        for name, value in (*response.headers.items(), *self.server.vendor.headers().items()):
            self.send_header(name, value)
        if response.status != 204:  # noqa: PLR2004  # no content, no length
            self.send_header("Content-Length", str(file.length if file else len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            if file:
                self._send_file(file)
            else:
                self.wfile.write(response.body)
        self.wfile.flush()

    def _send_file(self, file: FilePart) -> None:
        left = file.length
        with file.path.open("rb") as source:
            source.seek(file.first)
            while left > 0 and (piece := source.read(min(left, _CHUNK))):
                self.wfile.write(piece)
                left -= len(piece)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # stdlib
        """Stay silent: `_serve` logs, and it leaves queries out, which may be signed."""
