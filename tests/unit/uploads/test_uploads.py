"""Photos on their way in: promised, arrived, opened, decided once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

import pytest

from dev.fakes.clock import FakeClock
from dev.fakes.media import InMemoryMediaStore
from dev.fakes.uploads import InMemoryUploads, PlainPhotoProcessor
from echoes.application.uploads.open_photo import OpenPhoto
from echoes.application.uploads.request_uploads import PhotoRequest, PromisedUpload, RequestUploads
from echoes.application.uploads.view_upload import ViewUpload
from echoes.domain import uploads as rules
from echoes.domain.errors import InvalidRequest, NotFound, PhotoTooLarge
from echoes.domain.identifiers import OwnerId
from echoes.domain.uploads import UPLOAD_LIFETIME, Upload, UploadState
from echoes.tasks.photos import open_arrived_photo
from tests.support.factories import an_owner

PHOTO = b"photo of a dog"


@dataclass(slots=True, kw_only=True)
class PhotoUploads:
    """An owner in front of the upload function."""

    clock: FakeClock = field(default_factory=FakeClock)
    owner: OwnerId = field(default_factory=an_owner)
    uploads: InMemoryUploads = field(default_factory=InMemoryUploads)
    photos: InMemoryMediaStore = field(init=False)

    def __post_init__(self) -> None:
        self.photos = InMemoryMediaStore(self.clock)

    def request(self, *requests: PhotoRequest, key: str | None = None) -> list[PromisedUpload]:
        request_uploads = RequestUploads(uploads=self.uploads, photos=self.photos, clock=self.clock)
        return list(request_uploads(self.owner, requests or (a_request(),), key=key))

    def send(self, content: bytes, **declared: str) -> Upload:
        """Promise a place, post *content* there, and return the upload."""
        (promised,) = self.request(a_request(**declared))
        assert self.photos.receive(promised.form.fields, content)
        return promised.upload

    def open(self, upload: Upload) -> Upload | None:
        opening = OpenPhoto(
            uploads=self.uploads,
            photos=self.photos,
            processor=PlainPhotoProcessor(),
            clock=self.clock,
        )
        return opening(upload.photo_key)

    def stored(self, upload: Upload) -> Upload:
        return self.uploads.get(upload.owner_id, upload.upload_id)


def a_request(**changes: str) -> PhotoRequest:
    return PhotoRequest(content_type="image/jpeg", bytes=1000, **changes)  # type: ignore[arg-type]  # sha256


@pytest.fixture
def photos() -> PhotoUploads:
    return PhotoUploads()


def test_fifty_photos_in_one_call_and_no_more(photos: PhotoUploads) -> None:
    """Each has its own slot; the same request gets the same slots."""
    requests = [a_request()] * 50
    first, again = photos.request(*requests, key="key"), photos.request(*requests, key="key")

    assert len({promised.upload.photo_key for promised in first}) == 50
    assert [p.upload.upload_id for p in first] == [p.upload.upload_id for p in again]
    with pytest.raises(InvalidRequest):
        photos.request(*requests, a_request())


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [
        (PhotoRequest(content_type="image/gif", bytes=10), InvalidRequest),
        (PhotoRequest(content_type="image/jpeg", bytes=0), InvalidRequest),
        (PhotoRequest(content_type="image/jpeg", bytes=2**40), PhotoTooLarge),
    ],
)
def test_one_bad_photo_refuses_the_call(
    photos: PhotoUploads, bad: PhotoRequest, refusal: type[Exception]
) -> None:
    """Nothing is promised by halves."""
    with pytest.raises(refusal):
        photos.request(a_request(), bad)


def test_a_photo_that_arrives_is_ready_with_a_preview(photos: PhotoUploads) -> None:
    """Opened once; a repeated event changes nothing."""
    upload = photos.send(PHOTO, sha256=sha256(PHOTO).hexdigest().upper())
    opened = photos.open(upload)
    view = ViewUpload(uploads=photos.uploads, photos=photos.photos, clock=photos.clock)

    assert opened is not None
    assert opened.state is UploadState.READY
    assert photos.open(upload) == opened == photos.stored(upload)
    seen = view(upload.owner_id, upload.upload_id)
    assert photos.photos.follow(seen.preview_url or "") == b"preview"
    with pytest.raises(NotFound):
        view(an_owner(), upload.upload_id)


@pytest.mark.parametrize(
    ("content", "declared", "reason"),
    [
        (b"GIF89a", {}, "unsupported_format"),
        (PHOTO, {"sha256": "0" * 64}, "checksum_mismatch"),
    ],
)
def test_a_bad_photo_is_rejected_with_its_reason(
    photos: PhotoUploads, content: bytes, declared: Mapping[str, str], reason: str
) -> None:
    """Poison is decided about, and never comes back."""
    upload = photos.send(content, **declared)

    opened = photos.open(upload)

    assert opened is not None
    assert (opened.state, opened.reason) == (UploadState.REJECTED, reason)
    assert upload.preview_key not in photos.photos.files
    assert photos.open(upload) == opened


def test_the_size_is_checked_once_more(
    photos: PhotoUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the form allowed."""
    upload = photos.send(PHOTO)
    monkeypatch.setattr("echoes.application.uploads.open_photo.MAX_PHOTO_BYTES", 3)

    opened = photos.open(upload)

    assert opened is not None
    assert opened.reason == "too_large"
    assert rules.MAX_PHOTO_BYTES > 3


def test_files_nobody_was_promised_a_place_for_are_left_alone(photos: PhotoUploads) -> None:
    """Another key, a stranger's upload, a file that has gone again."""
    upload = photos.send(PHOTO)
    opening = OpenPhoto(
        uploads=photos.uploads,
        photos=photos.photos,
        processor=PlainPhotoProcessor(),
        clock=photos.clock,
    )

    assert opening("owners/x/uploads/y/preview.jpg") is None
    assert opening("owners/x/uploads/y/original") is None
    del photos.photos.files[upload.photo_key]
    assert photos.open(upload) == upload


def test_an_abandoned_upload_expires(photos: PhotoUploads) -> None:
    """Fifteen minutes, as the form."""
    (promised,) = photos.request()
    view = ViewUpload(uploads=photos.uploads, photos=photos.photos, clock=photos.clock)
    photos.clock.advance(UPLOAD_LIFETIME + timedelta(seconds=1))

    seen = view(photos.owner, promised.upload.upload_id)

    assert (seen.state, seen.preview_url) == (UploadState.EXPIRED, None)
    assert not photos.photos.receive(promised.form.fields, PHOTO)


def test_the_event_of_the_bucket_is_understood(photos: PhotoUploads) -> None:
    """As EventBridge sends it."""
    upload = photos.send(PHOTO)
    opening = OpenPhoto(
        uploads=photos.uploads,
        photos=photos.photos,
        processor=PlainPhotoProcessor(),
        clock=photos.clock,
    )
    event = {
        "id": "1",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "detail": {"bucket": {"name": "photos"}, "object": {"key": upload.photo_key, "size": 14}},
    }

    assert open_arrived_photo(event, open_photo=opening) == "ready"
    stray = {"detail": {"object": {"key": "elsewhere"}}}
    assert open_arrived_photo(stray, open_photo=opening) is None
