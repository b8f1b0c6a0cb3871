"""The sockets: HTTP/1.1 with keep-alive on loopback, a thread a connection, every wait bounded."""

import logging
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Final
from urllib.parse import urlsplit

from dev.simulators.core.loopback import IDLE_SECONDS, LoopbackServer
from dev.simulators.stripe.exchange import Reply, Request, json_reply

MAX_BODY_BYTES: Final = 1024 * 1024
"""More than any request of a shop needs."""

_LOG = logging.getLogger(__name__)

Respond = Callable[[Request], Reply]


class Server(LoopbackServer):
    """Answers with what *respond* returns."""

    def __init__(self, respond: Respond, *, port: int = 0) -> None:
        self.respond = respond
        super().__init__(_Handler, port=port)


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
            self.server.keep_waiting(self.connection, reply.hang_seconds)
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

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # stdlib
        """Stay silent: `_exchange` logs, and it leaves queries out."""
