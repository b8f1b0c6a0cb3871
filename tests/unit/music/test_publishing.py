"""Music reaches the bucket once, whole, and as what it is."""

import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from echoes.domain.music.tracks import TRACKS
from tools.publish_music import publish


class Bucket:
    """The two calls of S3 that publishing makes."""

    def __init__(self, status: int = 404) -> None:
        self.files: dict[str, dict[str, Any]] = {}
        self.status = status

    def head_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803  # boto3's names
        assert Bucket == "clips"
        if Key not in self.files:
            raise ClientError(
                {"Error": {}, "ResponseMetadata": {"HTTPStatusCode": self.status}},  # type: ignore[typeddict-item]  # the rest is not read
                "HeadObject",
            )

    def put_object(self, **sent: Any) -> None:  # noqa: ANN401  # any field
        self.files[sent["Key"]] = sent


def test_what_is_there_is_not_sent_again() -> None:
    """Each file under the key the catalogue names, playable, once; a repetition sends nothing."""
    bucket = Bucket()
    assert publish(bucket, "clips") == len(TRACKS)
    for track in TRACKS:
        sent = bucket.files[track.key]
        assert hashlib.sha256(sent["Body"]).hexdigest() == track.sha256
        assert sent["ContentType"] == "audio/mp4"
        assert "immutable" in sent["CacheControl"]
    assert publish(bucket, "clips") == 0
    del bucket.files[TRACKS[2].key]
    assert publish(bucket, "clips") == 1


def test_a_refusal_is_not_taken_for_absence() -> None:
    """Without permission to look, publishing fails instead of writing over what it cannot see."""
    with pytest.raises(ClientError):
        publish(Bucket(status=403), "clips")
