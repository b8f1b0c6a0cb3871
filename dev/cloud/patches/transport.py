"""
Loopback counts as secure transport, so that "TLS only" policies need no local exception.

Upstream: requests over plain HTTP are insecure also on loopback, so bucket policies that demand TLS
(enforce_ssl) deny every local call under enforced IAM.

AWS: `aws:SecureTransport` is false for plain HTTP (IAM User Guide, "AWS global condition context
keys"); clients of AWS use TLS, those of the local cloud cannot.

Mended upstream when these pass in `tests/integration/cloud/` with
`ECHOES_CLOUD_PATCHES=-transport`:

* `test_commands.py::test_every_function_works_under_enforced_iam`
"""

import importlib
from functools import wraps
from typing import Any

from dev.cloud.patches.patch import Patch, Source


def _apply() -> None:
    app: Any = importlib.import_module("ministack.app")
    pin = app.pin_request_origin

    @wraps(pin)
    def pin_as_secure(source_ip: str, secure_transport: bool) -> None:  # noqa: FBT001  # theirs
        pin(source_ip, secure_transport or source_ip.startswith("127."))

    app.pin_request_origin = pin_as_secure


PATCH = Patch(
    name="transport",
    reason="bucket policies that demand TLS (enforce_ssl) deny every local call under enforced IAM",
    sources=(Source("ministack.core.iam_evaluator:pin_request_origin", "de819c1bd9ac2be4"),),
    apply=_apply,
)
