"""Requests to Runway: which may be repeated, and what a missing response means."""

import random
import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError

from echoes.adapters.runway.downloads import is_loopback
from echoes.domain.errors import ProviderBusy, SubmissionUnknown, Unavailable
from echoes.observability import logger

API_VERSION: Final = "2024-11-06"
USER_AGENT: Final = "echoes/1"
OFFER_TIMEOUT: Final = (5, 60)
"""Seconds to connect and to answer. Runway's gateway gives up after about 30."""

ASK_TIMEOUT: Final = (2, 5)
ASK_TRIES: Final = 3
"""Three tries of seven seconds and the pauses stay within the poll's 30."""

ASK_PAUSE_SECONDS: Final = 0.4
REPEATABLE: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
REQUEST_ID: Final = "apigw-requestid"


class RunwayClient:
    """HTTP requests for one account. Keys, prompts and URLs are never logged."""

    def __init__(
        self,
        url: str,
        api_key: Callable[[], str],
        *,
        on_behalf_of: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base = urlsplit(url.rstrip("/"))
        if self.base.scheme != "https" and not is_loopback(self.base.hostname):
            raise ValueError("the key may only be sent over https, or to this machine")
        self._url = url.rstrip("/")
        self._api_key = api_key
        self._on_behalf_of = on_behalf_of
        self._sleep = sleep
        self._asking = requests.Session()
        self._asking.trust_env = False

    def offer(self, path: str, body: Mapping[str, object]) -> requests.Response:
        """
        POST *body*, exactly once and on a connection of its own.

        A kept connection may have died while the function was frozen, and its reset would look like
        a lost response.

        Raises:
            ProviderBusy: No connection was made: certainly not sent.
            SubmissionUnknown: It was sent, or may have been, and there was no response.
        """
        with requests.Session() as session:
            session.trust_env = False
            for scheme in ("https://", "http://"):
                session.mount(scheme, HTTPAdapter(max_retries=0))
            try:
                reply = session.post(
                    f"{self._url}{path}",
                    json=body,
                    headers=self._headers(),
                    timeout=OFFER_TIMEOUT,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                if _never_sent(error):
                    raise ProviderBusy("Runway cannot be reached") from error
                raise SubmissionUnknown(f"no response: {type(error).__name__}") from error
        self._log("offered", reply)
        return reply

    def ask(self, method: str, path: str) -> requests.Response:
        """
        GET or DELETE *path*, repeated a few times with jitter while Runway does not respond.

        Raises:
            Unavailable: Runway did not respond.
        """
        problem: str = "no try"
        for tried in range(ASK_TRIES):
            if tried:
                self._sleep(ASK_PAUSE_SECONDS * 2**tried * (0.5 + random.random()))  # noqa: S311  # jitter
            try:
                reply = self._asking.request(
                    method,
                    f"{self._url}{path}",
                    headers=self._headers(),
                    timeout=ASK_TIMEOUT,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                problem = type(error).__name__
                continue
            if reply.status_code not in REPEATABLE:
                return reply
            problem = f"status {reply.status_code}"
            self._log("could not answer", reply)
        raise Unavailable(f"Runway could not respond: {problem}")

    def _headers(self) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {self._api_key().strip()}",
            "X-Runway-Version": API_VERSION,
            "User-Agent": USER_AGENT,
            "Accept": "application/json",
        }
        if self._on_behalf_of:
            headers["X-Runway-On-Behalf-Of"] = self._on_behalf_of
        return headers

    @staticmethod
    def _log(what: str, reply: requests.Response) -> None:
        logger.info(
            f"runway: {what}",
            extra={
                "status": reply.status_code,
                "runway_request_id": reply.headers.get(REQUEST_ID),
                "seconds": round(reply.elapsed.total_seconds(), 3),
            },
        )


def _never_sent(error: requests.RequestException) -> bool:
    """Return whether not even a connection was made."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    if not isinstance(error, requests.ConnectionError) or not error.args:
        return False
    cause = error.args[0]
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
