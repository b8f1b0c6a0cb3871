"""Files of one bucket, read by range and stored in parts."""

from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from echoes.adapters.s3.media import CACHING, translated
from echoes.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef


class S3RangedMedia:
    """The port `RangedMedia` over one bucket; its methods may be called by several threads."""

    def __init__(self, bucket: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._client = client

    def size(self, key: str) -> int:
        """Return the file's bytes. Raises `NotFound`."""
        with translated():
            return self._client.head_object(Bucket=self._bucket, Key=key)["ContentLength"]

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset* on: one request, held in memory."""
        if length < 1:
            return b""
        with translated():
            found = self._client.get_object(
                Bucket=self._bucket, Key=key, Range=f"bytes={offset}-{offset + length - 1}"
            )
            with found["Body"] as body:
                return body.read()

    def begin(self, key: str, *, content_type: str) -> "S3Upload":
        """Start storing a file at *key*; an unfinished one is removed after a day."""
        with translated():
            begun = self._client.create_multipart_upload(
                Bucket=self._bucket, Key=key, ContentType=content_type, CacheControl=CACHING
            )
        return S3Upload(self._bucket, key, begun["UploadId"], self._client)


class S3Upload:
    """The port `MultipartUpload`, with parts of 5 MiB or more but for the last."""

    def __init__(self, bucket: str, key: str, upload_id: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._key = key
        self._upload_id = upload_id
        self._client = client
        self._lock = Lock()
        self._tags: dict[int, str] = {}

    def send(self, number: int, content: bytes) -> None:
        """Store part *number*; if it is sent twice, the later one counts."""
        with translated():
            stored = self._client.upload_part(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id,
                PartNumber=number,
                Body=content,
            )
        with self._lock:
            self._tags[number] = stored["ETag"]

    def finish(self) -> None:
        """Make the file of its parts, in the order of their numbers."""
        parts: list[CompletedPartTypeDef] = [
            {"PartNumber": number, "ETag": tag} for number, tag in sorted(self._tags.items())
        ]
        with translated():
            self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id,
                MultipartUpload={"Parts": parts},
            )

    def abort(self) -> None:
        """Discard the parts, if there are any; S3 removes leftovers after a day."""
        gone = self._client.exceptions.NoSuchUpload
        # It was finished and the response was lost, so there is nothing to discard.
        with suppress(Unavailable, gone), translated():
            self._client.abort_multipart_upload(
                Bucket=self._bucket, Key=self._key, UploadId=self._upload_id
            )
