"""What a function is: where its code is, what it may take, and how it is called."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One entry point: `lambdas/<folder>/<module>.py`, its `lambda_handler`."""

    folder: str
    module: str
    does: str
    timeout_seconds: int
    memory_mib: int = 512
    concurrency: int
    """
    How many may run at once: a bulkhead, and a switch (0 stops the function).

    All of them together stay well under an account's default of 1,000.
    """

    video: bool = False
    """Carries the media layer."""

    snap_start: bool = False
    """
    Starts from a snapshot taken when the version is published.

    For functions that people wait for: imports cost them 300 to 600 ms, a restored snapshot about a
    third. Functions of the workflow and of rules are not waited for, and each snapshot is paid for
    as long as its version exists, so they start the ordinary way.
    """

    asynchronous: bool = False
    """Called by events: what it cannot handle after retries goes to its dead letters."""

    @property
    def name(self) -> str:
        """Return the name people use, such as `upload-open-photo`."""
        if self.module == "handler":
            return self.folder
        return f"{self.folder}-{self.module.replace('_', '-')}"

    @property
    def handler(self) -> str:
        """Return the handler as Lambda names it."""
        return f"{self.module}.lambda_handler"


API_SECONDS: Final = 14
"""API Gateway gives up after 29 s; people should not wait half as long."""
