"""
The faults that can be asked of the simulator.

There are three ways to ask for one: a marker in `promptText` (`[[fault:bad_output]]`, with an
argument `[[fault:slow=20]]`), the header `X-Sim-Fault` (comma separated), or the queue of the
control endpoint. Markers and header act on their own request, queued faults on the next ones.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dev.simulators.core import faults


class Operation(StrEnum):
    """What a queued fault waits for."""

    CREATE = "create"
    RETRIEVE = "retrieve"
    DELETE = "delete"
    UPLOAD = "upload"
    ORGANIZATION = "organization"
    DOWNLOAD = "download"
    STORE = "store"
    ANY = faults.ANY


class Fault(StrEnum):
    """Every fault by the name it is asked for."""

    # The response: nothing is accepted.
    ERROR_BEFORE_ACCEPT = "error_before_accept"
    STATUS_401 = "401"
    STATUS_403 = "403"
    STATUS_413 = "413"
    STATUS_429 = "429"
    STATUS_429_GATEWAY = "429_gateway"
    STATUS_500 = "500"
    STATUS_502 = "502"
    STATUS_503 = "503"
    STATUS_504 = "504"
    NO_CREDITS = "no_credits"
    LOST_REQUEST = "lost_request"
    # The response: the request is accepted, the answer does not arrive.
    LOST_REPLY = "lost_reply"
    TIMEOUT = "timeout"
    ERROR_AFTER_ACCEPT = "error_after_accept"
    NO_ID = "no_id"
    # The course of the task.
    SLOW = "slow"
    THROTTLED = "throttled"
    STUCK = "stuck"
    NOT_YET_VISIBLE = "not_yet_visible"
    # The end of the task.
    SAFETY_INPUT = "safety_input"
    SAFETY_INPUT_TEXT = "safety_input_text"
    SAFETY_OUTPUT = "safety_output"
    SAFETY_THIRD_PARTY = "safety_third_party"
    BAD_OUTPUT = "bad_output"
    INTERNAL = "internal"
    PREPROCESSING_INTERNAL = "preprocessing_internal"
    THIRD_PARTY_UNAVAILABLE = "third_party_unavailable"
    THIRD_PARTY_INPUT = "third_party_input"
    ASSET_INVALID = "asset_invalid"
    NO_CODE = "no_code"
    UNKNOWN_CODE = "unknown_code"
    CANCELLED = "cancelled"
    # The output.
    EXPIRED_URL = "expired_url"
    EXPIRED_URL_ALWAYS = "expired_url_always"
    EMPTY_OUTPUT = "empty_output"
    CORRUPT_OUTPUT = "corrupt_output"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A response that a fault puts in the place of the real one."""

    status: int
    body: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How a task fails: its code, its text, whether it is charged, and how far it gets (0..1)."""

    code: str | None
    text: str
    charged: bool
    at: float


REFUSALS: Final = {
    Fault.ERROR_BEFORE_ACCEPT: Refusal(status=500, body={"error": "Internal server error."}),
    Fault.STATUS_401: Refusal(status=401, body={"error": "This API key has been disabled."}),
    Fault.STATUS_403: Refusal(status=403, body={"error": "Model variant is not available"}),
    Fault.STATUS_413: Refusal(status=413, body={"message": "Request Entity Too Large"}),
    Fault.STATUS_429: Refusal(
        status=429,
        body={"error": "You have reached the daily generation limit of your usage tier."},
    ),
    Fault.STATUS_429_GATEWAY: Refusal(status=429, body={"message": "Too Many Requests"}),
    Fault.STATUS_500: Refusal(status=500, body={"error": "Internal server error."}),
    Fault.STATUS_502: Refusal(status=502, body={"message": "Internal server error"}),
    Fault.STATUS_503: Refusal(status=503, body={"message": "Service Unavailable"}),
    Fault.STATUS_504: Refusal(status=504, body={"message": "Endpoint request timed out"}),
    Fault.NO_CREDITS: Refusal(
        status=400, body={"error": "You do not have enough credits to run this task."}
    ),
}

_EARLY: Final = 0.1
_LATE: Final = 0.97
_INPUT_FLAGGED: Final = "The input was flagged by our content moderation system."
_WENT_WRONG: Final = "An unexpected error occurred."

FAILURES: Final = {
    Fault.SAFETY_INPUT: Failure(
        code="SAFETY.INPUT.IMAGE", text=_INPUT_FLAGGED, charged=True, at=_EARLY
    ),
    Fault.SAFETY_INPUT_TEXT: Failure(
        code="SAFETY.INPUT.TEXT", text=_INPUT_FLAGGED, charged=True, at=_EARLY
    ),
    Fault.SAFETY_OUTPUT: Failure(
        code="SAFETY.OUTPUT.VIDEO",
        text="The output was flagged by our content moderation system.",
        charged=True,
        at=_LATE,
    ),
    Fault.SAFETY_THIRD_PARTY: Failure(
        code="INPUT_PREPROCESSING.SAFETY.THIRD_PARTY", text=_INPUT_FLAGGED, charged=True, at=_EARLY
    ),
    Fault.BAD_OUTPUT: Failure(
        code="INTERNAL.BAD_OUTPUT.CODE01",
        text="The generated output did not meet our quality standards.",
        charged=False,
        at=_LATE,
    ),
    Fault.INTERNAL: Failure(code="INTERNAL", text=_WENT_WRONG, charged=False, at=0.5),
    Fault.PREPROCESSING_INTERNAL: Failure(
        code="INPUT_PREPROCESSING.INTERNAL",
        text="An error occurred while preparing the input.",
        charged=False,
        at=_EARLY,
    ),
    Fault.THIRD_PARTY_UNAVAILABLE: Failure(
        code="THIRD_PARTY.UNAVAILABLE",
        text="A third-party model is unavailable at the moment.",
        charged=False,
        at=_EARLY,
    ),
    Fault.THIRD_PARTY_INPUT: Failure(
        code="THIRD_PARTY.INPUT_VALIDATION",
        text="A third-party model refused the input.",
        charged=False,
        at=_EARLY,
    ),
    Fault.ASSET_INVALID: Failure(
        code="ASSET.INVALID", text="The asset is not valid.", charged=False, at=_EARLY
    ),
    Fault.NO_CODE: Failure(code=None, text=_WENT_WRONG, charged=False, at=0.5),
    Fault.UNKNOWN_CODE: Failure(code="SOMETHING.NEW", text=_WENT_WRONG, charged=False, at=0.5),
}


Call = faults.Call[Fault]


_MARKER: Final = re.compile(r"\[\[(fault|speed):([a-z0-9_]+(?:[=.][0-9.]+)?)\]\]")


def parse_call(text: str) -> Call:
    """Read `name` or `name=number`; raise `UnknownFault` for anything else."""
    return faults.parse_call(Fault, text)


def parse_header(text: str | None) -> list[Call]:
    """Read the calls of an `X-Sim-Fault` header; raise `UnknownFault` for what does not exist."""
    return [parse_call(part) for part in (text or "").split(",") if part.strip()]


def calls_in(prompt: str) -> list[Call]:
    """Read the fault markers of a prompt; unknown ones raise `UnknownFault`."""
    return [parse_call(text) for kind, text in _MARKER.findall(prompt) if kind == "fault"]


def speed_in(prompt: str) -> float | None:
    """Return the factor of a `[[speed:100]]` marker, if there is a usable one."""
    for kind, text in _MARKER.findall(prompt):
        if kind == "speed" and re.fullmatch(r"\d+(\.\d+)?", text) and float(text) > 0:
            return float(text)
    return None


def find(calls: Iterable[Call], *wanted: Fault) -> Call | None:
    """Return the first call of one of these faults."""
    return next((call for call in calls if call.fault in wanted), None)
