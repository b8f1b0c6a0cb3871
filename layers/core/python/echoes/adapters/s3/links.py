"""
Signed addresses of files, made without a client.

A client for S3 costs three times what starting Python does: it parses the whole model of S3. Who
only gives out addresses needs the credentials and a signature.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import NoCredentialsError

UNRESERVED: Final = "-._~/"


class S3Links:
    """The port `MediaLinks` over one bucket in *region*, signed with the present credentials."""

    def __init__(
        self, bucket: str, region: str, credentials: Callable[[], Credentials | None]
    ) -> None:
        self._region = region
        self._credentials = credentials
        local = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        # As in `s3_client`: the bucket is a host of its own, but for the local cloud.
        self._address = (
            f"{local.rstrip('/')}/{bucket}"
            if local
            else f"https://{bucket}.s3.{region}.amazonaws.com"
        )

    def link(self, key: str, *, lifetime: timedelta, filename: str | None = None) -> str:
        """Return a presigned GET, made without asking S3; ranges work, other methods do not."""
        credentials = self._credentials()
        if credentials is None:
            raise NoCredentialsError
        named = {"response-content-disposition": attachment(filename)} if filename else {}
        request = AWSRequest(
            method="GET",
            url=f"{self._address}/{quote(key, safe=UNRESERVED)}",
            params=named,
        )
        seconds = int(lifetime.total_seconds())
        S3SigV4QueryAuth(credentials, "s3", self._region, expires=seconds).add_auth(request)
        return str(request.prepare().url)


def attachment(filename: str) -> str:
    """Return the header that saves a file as *filename* in old and new browsers (RFC 6266)."""
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\%' else "_"
        for letter in filename
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
