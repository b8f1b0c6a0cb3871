"""Fetching a result: from Runway's own hosts only, bounded in bytes and seconds."""

import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

import requests

from echoes.domain.errors import ResultGone, ResultUnusable

ALLOWED_HOSTS: Final = (".cloudfront.net", ".runwayml.com")
"""Hosts where outputs have been seen. Any other host in a response is not trusted."""

MAX_RESULT_BYTES: Final = 200 * 1024 * 1024
"""Ten seconds of 720p have 20 MB at most; the function's disk holds 512 MB."""

MAX_RESULT_SECONDS: Final = 120.0
"""The function has 300 s for all."""

TIMEOUT: Final = (5, 20)
CHUNK_BYTES: Final = 256 * 1024
OK: Final = 200
GONE: Final = frozenset({401, 403, 404, 410})
"""The statuses of an expired URL."""


class AddressExpired(ResultGone):
    """The URL has expired; the task has a fresh one."""


def is_loopback(host: str | None) -> bool:
    """Return whether *host* can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def download(
    url: str,
    destination: Path,
    *,
    base: SplitResult,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """
    Write the content of *url* to *destination*.

    Raises:
        AddressExpired: Ask the task for a fresh URL.
        ResultGone: It could not be fetched this time.
        ResultUnusable: It is on an untrusted host, or far too large.
    """
    if not _trusted(urlsplit(url), base):
        raise ResultUnusable("the result is on an untrusted host")
    deadline = now() + MAX_RESULT_SECONDS
    try:
        with requests.Session() as session, _open(session, url) as reply:
            if reply.status_code in GONE:
                raise AddressExpired(f"the result's URL returned {reply.status_code}")
            if reply.status_code != OK:
                raise ResultGone(f"the result's URL returned {reply.status_code}")
            written = _copy(reply, destination, deadline, now)
            announced = reply.headers.get("Content-Length")
    except requests.RequestException as error:
        raise ResultGone(f"the result could not be fetched: {type(error).__name__}") from error
    if announced is not None and announced.isdigit() and int(announced) != written:
        raise ResultGone("the result arrived incomplete")


def _open(session: requests.Session, url: str) -> requests.Response:
    session.trust_env = False
    return session.get(url, stream=True, timeout=TIMEOUT, allow_redirects=False)


def _copy(
    reply: requests.Response, destination: Path, deadline: float, now: Callable[[], float]
) -> int:
    written = 0
    with destination.open("wb") as file:
        for chunk in reply.iter_content(CHUNK_BYTES):
            written += file.write(chunk)
            if written > MAX_RESULT_BYTES:
                raise ResultUnusable(f"the result is larger than {MAX_RESULT_BYTES} bytes")
            if now() > deadline:
                raise ResultGone(f"the result took more than {MAX_RESULT_SECONDS:.0f} s")
    return written


def _trusted(url: SplitResult, base: SplitResult) -> bool:
    host = (url.hostname or "").lower()
    if is_loopback(base.hostname):
        return (host, url.port) == (base.hostname, base.port)
    if url.scheme != "https" or url.username is not None or url.port not in {None, 443}:
        return False
    return host.endswith(ALLOWED_HOSTS)
