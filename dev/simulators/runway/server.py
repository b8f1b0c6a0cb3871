"""The sockets: HTTP/1.1 with keep-alive on loopback, a thread a connection, every wait bounded."""

import logging
import secrets
import time
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from dev.simulators.core.loopback import IDLE_SECONDS, LoopbackServer
from dev.simulators.runway.exchange import FilePart, Reply, Request, json_reply

MAX_BODY_BYTES: Final = 10 * 1024 * 1024
"""The gateway in front of the real API takes no more."""
MAX_UPLOAD_BODY_BYTES: Final = 201 * 1024 * 1024

_LOG = logging.getLogger(__name__)
_CHUNK: Final = 256 * 1024
_MAX_DRAINED: Final = 64 * 1024 * 1024

Respond = Callable[[Request], Reply]


class Server(LoopbackServer):
    """Answers with what *respond* returns."""

    def __init__(self, respond: Respond | None = None, *, port: int = 0) -> None:
        self.respond: Respond | None = respond
        super().__init__(_Handler, port=port)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "RunwaySimulator"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def _exchange(self) -> None:
        started = time.monotonic()
        target = urlsplit(self.path)
        body = self._read_body(target.path)
        if isinstance(body, Reply):
            reply = body
        else:
            reply = self._respond(
                Request(
                    method=self.command,
                    path=target.path,
                    query=dict(parse_qsl(target.query)),
                    headers=_lower(self.headers),
                    body=body,
                )
            )
        self._send(reply)
        outcome = "lost" if reply.lost else reply.status
        spent = (time.monotonic() - started) * 1000
        _LOG.info("%s %s %s %.0f ms", self.command, target.path, outcome, spent)

    do_GET = do_HEAD = do_POST = do_DELETE = do_PATCH = do_PUT = _exchange  # noqa: N815  # stdlib

    def _respond(self, request: Request) -> Reply:
        if self.server.respond is None:
            return json_reply(503, {"message": "Service Unavailable"})
        try:
            return self.server.respond(request)
        except Exception:  # noqa: BLE001  # a bug here must not look like a lost connection
            _LOG.exception("%s %s", request.method, request.path)
            return json_reply(500, {"error": "Internal server error."})

    def _read_body(self, path: str) -> bytes | Reply:
        if "transfer-encoding" in self.headers:
            self.close_connection = True
            return json_reply(411, {"message": "Length Required"})
        try:
            length = int(self.headers.get("content-length") or 0)
        except ValueError:
            length = -1
        if length < 0:
            self.close_connection = True
            return json_reply(400, {"message": "Bad Request"})
        if length > (MAX_UPLOAD_BODY_BYTES if path == "/_storage" else MAX_BODY_BYTES):
            self._drain(min(length, _MAX_DRAINED))
            self.close_connection = True
            return json_reply(413, {"message": "Request Entity Too Large"})
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return Reply(status=0, lost=True)
        return body

    def _drain(self, left: int) -> None:
        """Swallow a body nobody wants, or the client would not read the reply."""
        while left > 0:
            piece = self.rfile.read(min(left, _CHUNK))
            if not piece:
                return
            left -= len(piece)

    def _send(self, reply: Reply) -> None:
        if reply.lost:
            self.server.keep_waiting(self.connection, reply.hang_seconds)
            self.close_connection = True
            return
        part = reply.file.part if reply.file else None
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("apigw-requestid", secrets.token_urlsafe(11)[:15] + "=")
        self.send_header("X-Powered-By", "Express")
        if reply.status != 204:  # noqa: PLR2004  # no content, no length
            self.send_header("Content-Length", str(part.length if part else len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            if reply.file:
                self._send_file(reply.file)
            else:
                self.wfile.write(reply.body)
        self.wfile.flush()

    def _send_file(self, file: FilePart) -> None:
        left = file.part.length
        with file.path.open("rb") as source:
            source.seek(file.part.first)
            while left > 0 and (piece := source.read(min(left, _CHUNK))):
                self.wfile.write(piece)
                left -= len(piece)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # stdlib
        """Stay silent: `_exchange` logs, and it leaves signed queries out."""


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
