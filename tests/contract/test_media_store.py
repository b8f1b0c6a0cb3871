"""
Files go in and out of a store only as promised.

A `Browser` is the user's side: it posts forms and follows links, to S3 over HTTP, to the store in
memory by calling it.
"""

import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
import requests

from dev.fakes.clock import FakeClock
from dev.fakes.media import InMemoryMediaStore
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.ports.media import MediaStore, PostForm
from echoes.domain.errors import NotFound, PhotoTooLarge
from tests.support.factories import an_id
from tests.support.local_aws import REGION, LocalAws
from tests.support.storage import PHOTOS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HOUR = timedelta(hours=1)
MAX_BYTES = 1000
PATIENCE_SECONDS = 10


class Browser(Protocol):
    """What a user's browser does."""

    def post(self, form: PostForm, content: bytes) -> bool:
        """Send *content* with the fields of *form*; return whether it was taken."""
        ...

    def get(self, url: str) -> bytes | None:
        """Return what is at *url*, or ``None`` if it was refused."""
        ...


class HttpBrowser:
    """A browser that speaks HTTP."""

    def post(self, form: PostForm, content: bytes) -> bool:
        answer = requests.post(
            form.url,
            data=dict(form.fields),
            files={"file": ("photo", content)},
            timeout=PATIENCE_SECONDS,
        )
        return answer.ok

    def get(self, url: str) -> bytes | None:
        answer = requests.get(url, timeout=PATIENCE_SECONDS)
        return answer.content if answer.ok else None


@dataclass
class FakeBrowser:
    """A browser of the store in memory."""

    store: InMemoryMediaStore

    def post(self, form: PostForm, content: bytes) -> bool:
        return self.store.receive(form.fields, content)

    def get(self, url: str) -> bytes | None:
        return self.store.follow(url)


@pytest.fixture(scope="module")
def client(aws: LocalAws) -> "S3Client":
    del aws
    return s3_client(REGION)


@pytest.fixture(params=["fake", "s3"])
def records(request: pytest.FixtureRequest) -> tuple[MediaStore, Browser]:
    if request.param == "fake":
        store = InMemoryMediaStore(FakeClock())
        return store, FakeBrowser(store)
    return S3MediaStore(PHOTOS, request.getfixturevalue("client")), HttpBrowser()


@pytest.fixture
def store(records: tuple[MediaStore, Browser]) -> MediaStore:
    return records[0]


@pytest.fixture
def browser(records: tuple[MediaStore, Browser]) -> Browser:
    return records[1]


def a_key(name: str = "original") -> str:
    return f"owners/user-{an_id()}/uploads/{an_id()}/{name}"


def a_form(store: MediaStore, key: str, *, lifetime: timedelta = HOUR) -> PostForm:
    return store.form(key, content_type="image/jpeg", max_bytes=MAX_BYTES, lifetime=lifetime)


@pytest.mark.parametrize("size", [1, MAX_BYTES])
def test_a_form_takes_the_promised_photo(store: MediaStore, browser: Browser, size: int) -> None:
    """A photo of the promised size is stored at the promised key (PE1)."""
    key = a_key()

    assert browser.post(a_form(store, key), b"x" * size)

    assert store.read(key, max_bytes=MAX_BYTES) == b"x" * size


@pytest.mark.parametrize("size", [0, MAX_BYTES + 1])
def test_a_form_refuses_other_sizes(store: MediaStore, browser: Browser, size: int) -> None:
    """Nothing and too much are refused by the store itself, and nothing is kept."""
    key = a_key()

    assert not browser.post(a_form(store, key), b"x" * size)

    with pytest.raises(NotFound):
        store.read(key, max_bytes=MAX_BYTES)


TAMPERED: dict[str, Callable[[str], str]] = {
    "key": lambda key: key.replace("uploads", "elsewhere"),
    "Content-Type": lambda _: "text/html",
    "policy": lambda policy: policy[:-8] + "AAAAAAA=",
    "x-amz-signature": lambda signature: signature[::-1] + "0",
}


@pytest.mark.parametrize("field", TAMPERED)
def test_no_field_of_a_form_may_be_changed(store: MediaStore, browser: Browser, field: str) -> None:
    """Another key, type, policy or signature is refused, and nothing is kept (SE5)."""
    key = a_key()
    form = a_form(store, key)
    changed = dict(form.fields) | {field: TAMPERED[field](form.fields[field])}

    assert not browser.post(replace(form, fields=changed), b"photo")

    for touched in (key, changed["key"]):
        with pytest.raises(NotFound):
            store.read(touched, max_bytes=MAX_BYTES)


@pytest.mark.parametrize("field", TAMPERED)
def test_no_field_of_a_form_may_be_left_out(
    store: MediaStore, browser: Browser, field: str
) -> None:
    """A form without one of its fields is refused, and nothing is kept."""
    key = a_key()
    form = a_form(store, key)
    fewer = {name: value for name, value in form.fields.items() if name != field}

    assert not browser.post(replace(form, fields=fewer), b"photo")

    with pytest.raises(NotFound):
        store.read(key, max_bytes=MAX_BYTES)


def test_a_form_expires(store: MediaStore, browser: Browser) -> None:
    """An expired form is refused."""
    key = a_key()

    assert not browser.post(a_form(store, key, lifetime=timedelta(seconds=-1)), b"photo")

    with pytest.raises(NotFound):
        store.read(key, max_bytes=MAX_BYTES)


def test_what_is_written_is_read(store: MediaStore, tmp_path: Path) -> None:
    """Bytes and files come back as they were; writing again replaces them."""
    key = a_key()
    file = tmp_path / "clip.mp4"
    file.write_bytes(bytes(range(256)) * 4)

    store.write(key, b"first", content_type="image/jpeg")
    first = store.read(key, max_bytes=5)
    store.write(key, file, content_type="video/mp4")

    assert first == b"first"
    assert store.read(key, max_bytes=1024) == file.read_bytes()


def test_a_file_larger_than_expected_is_not_read(store: MediaStore) -> None:
    """A reader says how much memory it has; one byte more is refused."""
    key = a_key()
    store.write(key, b"123456", content_type="image/jpeg")

    with pytest.raises(PhotoTooLarge):
        store.read(key, max_bytes=5)


def test_what_is_not_there_is_not_found(store: MediaStore) -> None:
    """Reading what was never written is `NotFound`."""
    with pytest.raises(NotFound):
        store.read(a_key(), max_bytes=5)


@pytest.mark.parametrize("filename", [None, 'Oma "und" Ömür.mp4'])
def test_a_link_shows_the_file(store: MediaStore, browser: Browser, filename: str | None) -> None:
    """A link shows exactly its file, and says that it lives for an hour (SE4)."""
    key = a_key("preview.mp4")
    store.write(key, b"a clip", content_type="video/mp4")

    url = store.link(key, lifetime=HOUR, filename=filename)

    assert browser.get(url) == b"a clip"
    assert urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["X-Amz-Expires"] == ["3600"]


def test_a_link_shows_no_other_file(store: MediaStore, browser: Browser) -> None:
    """A link changed to another key, or without its signature, is refused (SE5)."""
    preview, master = a_key("preview.mp4"), a_key("master.mp4")
    for key in (preview, master):
        store.write(key, b"a clip", content_type="video/mp4")
    url = store.link(preview, lifetime=HOUR)

    assert browser.get(url.replace(preview, master)) is None
    assert browser.get(url[:-4] + ("0000" if not url.endswith("0000") else "1111")) is None


def test_a_link_expires(store: MediaStore, browser: Browser) -> None:
    """An expired link is refused (SE4)."""
    key = a_key()
    store.write(key, b"a clip", content_type="video/mp4")

    assert browser.get(store.link(key, lifetime=timedelta(seconds=0))) is None


def test_deleting_takes_the_folder_and_nothing_else(store: MediaStore) -> None:
    """Everything below the folder goes, its neighbours stay; again is fine (PF5)."""
    owner = an_id()
    gone = [f"owners/{owner}/clips/1/{name}" for name in ("1/master.mp4", "2/poster.jpg", "x")]
    kept = [f"owners/{owner}/clips/12/1/master.mp4", f"owners/{owner}/clips/1"]
    for key in gone + kept:
        store.write(key, b"a clip", content_type="video/mp4")

    store.delete(f"owners/{owner}/clips/1/")
    store.delete(f"owners/{owner}/clips/1/")

    for key in gone:
        with pytest.raises(NotFound):
            store.read(key, max_bytes=10)
    assert [store.read(key, max_bytes=10) for key in kept] == [b"a clip"] * len(kept)


@pytest.mark.parametrize("prefix", ["", "/", "//", "owners", "owners/me"])
def test_only_a_folder_is_deleted(store: MediaStore, prefix: str) -> None:
    """A prefix that could take neighbours or everything with it is refused before anything goes."""
    key = "owners/me/clips/1/master.mp4"
    store.write(key, b"a clip", content_type="video/mp4")

    with pytest.raises(ValueError, match="folder"):
        store.delete(prefix)

    assert store.read(key, max_bytes=10) == b"a clip"
