"""What only S3 itself can show: ranges, methods, headers, addresses."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from echoes.adapters.s3.links import attachment
from echoes.adapters.s3.media import PASSING, S3MediaStore, s3_client
from echoes.domain.errors import Unavailable
from tests.support.factories import an_id
from tests.support.local_aws import REGION, LocalAws
from tests.support.storage import PHOTOS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HOUR = timedelta(hours=1)
PATIENCE_SECONDS = 10


@pytest.fixture(scope="module")
def client(aws: LocalAws) -> "S3Client":
    del aws
    return s3_client(REGION)


def a_key(name: str = "original") -> str:
    return f"owners/user-{an_id()}/uploads/{an_id()}/{name}"


def test_folders_of_any_size_are_emptied(client: "S3Client") -> None:
    """S3 lists and deletes a thousand at a time: a larger folder takes several rounds."""
    store = S3MediaStore(PHOTOS, client)
    folder = f"owners/{an_id()}/"
    for number in range(7):
        store.write(f"{folder}{number}", b"x", content_type="image/jpeg")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("echoes.adapters.s3.media.KEYS_PER_DELETION", 3)
        store.delete(folder)

    assert client.list_objects_v2(Bucket=PHOTOS, Prefix=folder)["KeyCount"] == 0


def test_what_is_passing_carries_its_tag(client: "S3Client", tmp_path: Path) -> None:
    """The bucket's rule finds it by that; nothing else carries one."""
    store = S3MediaStore(PHOTOS, client)
    file = tmp_path / "joint.mp4"
    file.write_bytes(b"a joint")
    tags = {}
    for content, passing in ((file, True), (b"a joint", True), (file, False)):
        key = a_key("joint.mp4")
        store.write(key, content, content_type="video/mp4", passing=passing)
        assert store.read(key, max_bytes=10) == b"a joint"
        found = client.get_object_tagging(Bucket=PHOTOS, Key=key)["TagSet"]
        tags[type(content), passing] = [f"{tag['Key']}={tag['Value']}" for tag in found]
    assert tags == {
        (type(file), True): [PASSING],
        (bytes, True): [PASSING],
        (type(file), False): [],
    }


def test_a_video_can_be_sought(client: "S3Client") -> None:
    """Players request ranges: they get them, or an error for a range outside the file."""
    store = S3MediaStore(PHOTOS, client)
    key = a_key("preview.mp4")
    store.write(key, b"0123456789", content_type="video/mp4")
    url = store.link(key, lifetime=HOUR)

    part = requests.get(url, headers={"Range": "bytes=2-5"}, timeout=PATIENCE_SECONDS)
    outside = requests.get(url, headers={"Range": "bytes=50-"}, timeout=PATIENCE_SECONDS)

    assert (part.status_code, part.content) == (206, b"2345")
    assert part.headers["Content-Range"] == "bytes 2-5/10"
    assert part.headers["Content-Type"] == "video/mp4"
    assert outside.status_code == 416


def test_without_a_signature_nothing_is_shown(client: "S3Client") -> None:
    """The bucket is private: the bare address of a file is refused (SE5)."""
    store = S3MediaStore(PHOTOS, client)
    key = a_key()
    store.write(key, b"a clip", content_type="video/mp4")
    address, _, _ = store.link(key, lifetime=HOUR).partition("?")

    assert requests.get(address, timeout=PATIENCE_SECONDS).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_link_only_reads(client: "S3Client", method: str) -> None:
    """The signature covers the method: a link to read changes nothing (SE5)."""
    store = S3MediaStore(PHOTOS, client)
    key = a_key()
    store.write(key, b"a clip", content_type="video/mp4")

    answer = requests.request(
        method, store.link(key, lifetime=HOUR), data=b"mine", timeout=PATIENCE_SECONDS
    )

    assert answer.status_code == 403
    assert store.read(key, max_bytes=10) == b"a clip"


def test_a_download_has_its_name(client: "S3Client") -> None:
    """A link with a file name makes the browser save it under that name."""
    store = S3MediaStore(PHOTOS, client)
    key = a_key()
    store.write(key, b"a clip", content_type="video/mp4")

    url = store.link(key, lifetime=HOUR, filename="Oma.mp4")
    answer = requests.get(url, timeout=PATIENCE_SECONDS)

    assert answer.headers["Content-Disposition"] == attachment("Oma.mp4")


@pytest.mark.parametrize(
    ("filename", "header"),
    [
        ("Oma.mp4", "attachment; filename=\"Oma.mp4\"; filename*=UTF-8''Oma.mp4"),
        (
            "Ömür 1.mp4",
            "attachment; filename=\"_m_r 1.mp4\"; filename*=UTF-8''%C3%96m%C3%BCr%201.mp4",
        ),
        (
            'a"; b\r\nX: y',
            "attachment; filename=\"a_; b__X: y\"; filename*=UTF-8''a%22%3B%20b%0D%0AX%3A%20y",
        ),
    ],
)
def test_a_file_name_cannot_leave_its_header(filename: str, header: str) -> None:
    """Quotes and line ends are replaced; any letter survives in the encoded form (RFC 6266)."""
    assert attachment(filename) == header


def test_addresses_name_the_region_where_there_is_no_local_cloud(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """S3 redirects other addresses, which a browser does not follow with a form."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")

    for region in ("us-east-1", "eu-central-1"):
        store = S3MediaStore("bucket", s3_client(region))
        link, form = (
            store.link("key", lifetime=HOUR),
            store.form("key", content_type="a/b", max_bytes=1, lifetime=HOUR),
        )
        assert link.startswith(f"https://bucket.s3.{region}.amazonaws.com/key?")
        assert form.url == f"https://bucket.s3.{region}.amazonaws.com/"


def test_a_store_that_cannot_be_reached_is_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No connection: `Unavailable`, with botocore's error as its cause."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    store = S3MediaStore("bucket", s3_client(REGION))

    with pytest.raises(Unavailable) as raised:
        store.read("key", max_bytes=1)

    assert raised.value.__cause__ is not None
