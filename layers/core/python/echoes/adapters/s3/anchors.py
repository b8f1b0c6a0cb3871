"""
Anchors in a bucket under Object Lock: what is written there cannot change.

Below ``anchors/<day>/``, ``part-00001.json`` … are the steps of one night's audit, ``anchor.json``
is its signed end. Every object is put on condition that it does not exist, so a concurrent audit is
refused. The bucket's default retention keeps even the account's owner from replacing it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailed

from echoes.application.ports.audit import AnchorPart
from echoes.domain.audit.anchors import Anchor, AnchoredHead, anchor_from_json, anchor_to_json
from echoes.domain.audit.books import BookFault, Rule
from echoes.domain.errors import Conflict, Unavailable
from echoes.domain.identifiers import OwnerId

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT: Final = "anchors/"
SEALED: Final = "anchor.json"
TAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
SERVER_FAULT: Final = 500
OVERLOADED: Final = frozenset({"SlowDown", "RequestTimeout", "Throttling", "ThrottlingException"})


class S3AnchorVault:
    """The port `AnchorVault`."""

    def __init__(self, bucket: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._client = client

    def parts(self, day: str) -> list[AnchorPart]:
        """Return the parts of *day*'s audit so far, in order."""
        keys = self._keys(f"{ROOT}{day}/part-")
        return [_part(json.loads(self._read(key))) for key in sorted(keys)]

    def add(self, day: str, part: AnchorPart) -> None:
        """Store *part*. Raises `Conflict` if there is one with that number."""
        document = {
            "number": part.number,
            "heads": [(head.owner_id, head.seq, head.hash) for head in part.heads],
            "faults": [(f.rule, f.owner_id, f.seq, f.what) for f in part.faults],
            "after": part.after,
        }
        self._put(f"{ROOT}{day}/part-{part.number:05d}.json", json.dumps(document))

    def seal(self, anchor: Anchor) -> None:
        """Store *anchor* as that of its day. Raises `Conflict` if the day has one."""
        self._put(_sealed(anchor.statement.day), anchor_to_json(anchor))

    def sealed(self, day: str) -> bool:
        """Return whether *day* has its anchor."""
        return _sealed(day) in self._keys(_sealed(day))

    def latest_before(self, day: str) -> Anchor | None:
        """Return the newest anchor before *day*; ``None`` if there is none."""
        days = sorted(prefix for prefix in self._days() if prefix < f"{ROOT}{day}/")
        for prefix in reversed(days):
            if f"{prefix}{SEALED}" in self._keys(f"{prefix}{SEALED}"):
                return anchor_from_json(self._read(f"{prefix}{SEALED}"))
        return None

    def _days(self) -> Iterator[str]:
        with _translated():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=ROOT, Delimiter="/"
            )
            for page in pages:
                yield from (each["Prefix"] for each in page.get("CommonPrefixes", []))

    def _keys(self, prefix: str) -> list[str]:
        with _translated():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix
            )
            return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def _read(self, key: str) -> str:
        with _translated():
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            return answer["Body"].read().decode()

    def _put(self, key: str, text: str) -> None:
        with _translated():
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=text.encode(),
                ContentType="application/json",
                IfNoneMatch="*",
            )


def _sealed(day: str) -> str:
    return f"{ROOT}{day}/{SEALED}"


def _part(document: dict[str, Any]) -> AnchorPart:
    return AnchorPart(
        number=document["number"],
        heads=tuple(
            AnchoredHead(owner_id=OwnerId(owner), seq=seq, hash=digest)
            for owner, seq, digest in document["heads"]
        ),
        faults=tuple(
            BookFault(rule=Rule(rule), owner_id=owner, seq=seq, what=what)
            for rule, owner, seq, what in document["faults"]
        ),
        after=document["after"],
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in TAKEN:
            raise Conflict("this anchor already exists") from error
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status >= SERVER_FAULT or code in OVERLOADED:
            raise Unavailable("S3 could not respond") from error
        raise
    except (ConnectionFailed, HTTPClientError) as error:
        raise Unavailable("S3 could not be reached") from error
