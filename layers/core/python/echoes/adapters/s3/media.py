"""
Photos and clips kept in S3 buckets.

The client is botocore's own: importing boto3 costs a transfer manager that signing a URL does not
need. One PUT is enough for a file: a clip has tens of megabytes, S3 takes five gigabytes.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict, cast

from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import ConnectionError as ConnectionFailed
from botocore.session import Session

from echoes.adapters.s3.links import attachment
from echoes.application.ports.media import PostForm
from echoes.domain.errors import NotFound, PhotoTooLarge, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

CONNECT_TIMEOUT_SECONDS: Final = 1
READ_TIMEOUT_SECONDS: Final = 10
"""For each read of a socket: S3 answers in milliseconds, but a large PUT is stored first."""

ATTEMPTS: Final = 3
KEYS_PER_DELETION: Final = 1000
"""S3's own limit."""

CACHING: Final = "private, max-age=31536000, immutable"
"""A key names one attempt's file, so its content does not change for readers."""

PASSING: Final = "keep=week"
"""The tag of files that a lifecycle rule of the bucket removes after seven days."""

ABSENT: Final = frozenset({"NoSuchKey", "404"})
OVERLOADED: Final = frozenset({"SlowDown", "RequestTimeout", "Throttling", "ThrottlingException"})
SERVER_FAULT: Final = 500


def s3_client(region: str, session: Session | None = None) -> "S3Client":
    """
    Return a client for S3 in *region*; pass the process's *session* to read its files only once.

    URLs have the bucket in their host name, with the region, because S3 redirects other ones and a
    browser does not follow a redirect with a form. Behind ``AWS_ENDPOINT_URL`` (the local cloud)
    the bucket is part of the path.
    """
    local = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    client = (session or Session()).create_client(
        "s3",
        region_name=region,
        config=Config(
            signature_version="s3v4",
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            s3={
                "addressing_style": "path" if local else "virtual",
                "us_east_1_regional_endpoint": "regional",
            },
        ),
    )
    return cast("S3Client", client)


class _Tagging(TypedDict, total=False):
    Tagging: str


class S3MediaStore:
    """The port `MediaStore` over one bucket. Encryption at rest is the bucket's default."""

    def __init__(self, bucket: str, client: "S3Client | Callable[[], S3Client]") -> None:
        self._bucket = bucket
        self._given = client

    @cached_property
    def _client(self) -> "S3Client":
        """Make the client at its first use, if only the way to make one was given."""
        return self._given() if callable(self._given) else self._given

    def form(self, key: str, *, content_type: str, max_bytes: int, lifetime: timedelta) -> PostForm:
        """Return a presigned POST; S3 refuses other keys, types and sizes, and late uploads."""
        post = self._client.generate_presigned_post(
            self._bucket,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[
                {"Content-Type": content_type},
                ["content-length-range", 1, max_bytes],
            ],
            ExpiresIn=int(lifetime.total_seconds()),
        )
        return PostForm(url=post["url"], fields=post["fields"])

    def read(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole file. Raises `NotFound`, `PhotoTooLarge` or `Unavailable`."""
        with translated():
            found = self._client.get_object(Bucket=self._bucket, Key=key)
            with found["Body"] as body:
                if found["ContentLength"] > max_bytes:
                    raise PhotoTooLarge(
                        f"the file has {found['ContentLength']} bytes, more than {max_bytes}"
                    )
                return body.read(max_bytes)

    def write(
        self, key: str, content: bytes | Path, *, content_type: str, passing: bool = False
    ) -> None:
        """Store *content*; repeatable. Raises `Unavailable`."""
        with ExitStack() as opened:
            body = (
                opened.enter_context(content.open("rb")) if isinstance(content, Path) else content
            )
            tagging: _Tagging = {"Tagging": PASSING} if passing else {}
            opened.enter_context(translated())
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentType=content_type,
                CacheControl=CACHING,
                **tagging,
            )

    def link(self, key: str, *, lifetime: timedelta, filename: str | None = None) -> str:
        """Return a presigned GET, made without asking S3; ranges work, other methods do not."""
        named = {"ResponseContentDisposition": attachment(filename)} if filename else {}
        return self._client.generate_presigned_url(
            "get_object",
            Params={"Bucket": self._bucket, "Key": key} | named,
            ExpiresIn=int(lifetime.total_seconds()),
        )

    def delete(self, prefix: str) -> None:
        """
        Delete every file under *prefix*; repeatable.

        Raises:
            ValueError: *prefix* is not a folder, so other people's files might match it.
            Unavailable: Some files may be left.
        """
        if not prefix.strip("/") or not prefix.endswith("/"):
            raise ValueError("a prefix must name a folder and end with a slash")
        with translated():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket,
                Prefix=prefix,
                PaginationConfig={"PageSize": KEYS_PER_DELETION},
            )
            for page in pages:
                self._remove([{"Key": found["Key"]} for found in page.get("Contents", [])])

    def _remove(self, keys: "list[ObjectIdentifierTypeDef]") -> None:
        if not keys:
            return
        answer = self._client.delete_objects(
            Bucket=self._bucket, Delete={"Objects": keys, "Quiet": True}
        )
        if answer.get("Errors"):
            raise Unavailable(f"{len(answer['Errors'])} files could not be deleted")


@contextmanager
def translated() -> Iterator[None]:
    """Raise S3's errors translated, with the original as the cause."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ABSENT:
            raise NotFound("file not found") from error
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in OVERLOADED or status >= SERVER_FAULT:
            raise Unavailable("S3 could not respond") from error
        raise
    except (ConnectionFailed, HTTPClientError, IncompleteReadError) as error:
        raise Unavailable("S3 could not be reached") from error
