"""Photos on their way in: promised, arrived, opened, decided once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

import pytest

from dev.fakes.clock import FakeClock
from dev.fakes.media import InMemoryMediaStore
from dev.fakes.photo_processor import PlainPhotoStudio
from dev.fakes.uploads import InMemoryUploads
from echoes.application.uploads.open_photo import OpenPhoto
from echoes.application.uploads.request_uploads import PhotoWish, PromisedUpload, RequestUploads
from echoes.application.uploads.view_upload import ViewUpload
from echoes.domain import uploads as rules
from echoes.domain.errors import InvalidRequest, NotFound, PhotoTooLarge
from echoes.domain.identifiers import OwnerId
from echoes.domain.uploads import UPLOAD_LIFETIME, Upload, UploadState
from echoes.tasks.photos import open_arrived_photo
from tests.support.factories import an_owner

PHOTO = b"photo of a dog"


@dataclass(slots=True, kw_only=True)
class Desk:
    """An owner in front of the upload function."""

    clock: FakeClock = field(default_factory=FakeClock)
    owner: OwnerId = field(default_factory=an_owner)
    uploads: InMemoryUploads = field(default_factory=InMemoryUploads)
    photos: InMemoryMediaStore = field(init=False)

    def __post_init__(self) -> None:
        self.photos = InMemoryMediaStore(self.clock)

    def request(self, *wishes: PhotoWish, wish: str | None = None) -> list[PromisedUpload]:
        request = RequestUploads(uploads=self.uploads, photos=self.photos, clock=self.clock)
        return list(request(self.owner, wishes or (a_wish(),), wish=wish))

    def send(self, content: bytes, **declared: str) -> Upload:
        """Promise a place, post *content* there, and return the upload."""
        (promised,) = self.request(a_wish(**declared))
        assert self.photos.receive(promised.form.fields, content)
        return promised.upload

    def open(self, upload: Upload) -> Upload | None:
        opening = OpenPhoto(
            uploads=self.uploads, photos=self.photos, studio=PlainPhotoStudio(), clock=self.clock
        )
        return opening(upload.photo_key)

    def stored(self, upload: Upload) -> Upload:
        return self.uploads.get(upload.owner_id, upload.upload_id)


def a_wish(**changes: str) -> PhotoWish:
    return PhotoWish(content_type="image/jpeg", bytes=1000, **changes)  # type: ignore[arg-type]  # sha256


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_fifty_photos_in_one_call_and_no_more(desk: Desk) -> None:
    """Each has its own place; the same wish has the same places."""
    wishes = [a_wish()] * 50
    first, again = desk.request(*wishes, wish="key"), desk.request(*wishes, wish="key")

    assert len({promised.upload.photo_key for promised in first}) == 50
    assert [p.upload.upload_id for p in first] == [p.upload.upload_id for p in again]
    with pytest.raises(InvalidRequest):
        desk.request(*wishes, a_wish())


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        (PhotoWish(content_type="image/gif", bytes=10), InvalidRequest),
        (PhotoWish(content_type="image/jpeg", bytes=0), InvalidRequest),
        (PhotoWish(content_type="image/jpeg", bytes=2**40), PhotoTooLarge),
    ],
)
def test_one_bad_photo_refuses_the_call(
    desk: Desk, wish: PhotoWish, refusal: type[Exception]
) -> None:
    """Nothing is promised by halves."""
    with pytest.raises(refusal):
        desk.request(a_wish(), wish)


def test_a_photo_that_arrives_is_ready_with_a_preview(desk: Desk) -> None:
    """Opened once; a repeated event changes nothing."""
    upload = desk.send(PHOTO, sha256=sha256(PHOTO).hexdigest().upper())
    opened = desk.open(upload)
    view = ViewUpload(uploads=desk.uploads, photos=desk.photos, clock=desk.clock)

    assert opened is not None
    assert opened.state is UploadState.READY
    assert desk.open(upload) == opened == desk.stored(upload)
    seen = view(upload.owner_id, upload.upload_id)
    assert desk.photos.follow(seen.preview_url or "") == b"preview"
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
    desk: Desk, content: bytes, declared: Mapping[str, str], reason: str
) -> None:
    """Poison is decided about, and never comes back."""
    upload = desk.send(content, **declared)

    opened = desk.open(upload)

    assert opened is not None
    assert (opened.state, opened.reason) == (UploadState.REJECTED, reason)
    assert upload.preview_key not in desk.photos.files
    assert desk.open(upload) == opened


def test_the_size_is_checked_once_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the form allowed."""
    upload = desk.send(PHOTO)
    monkeypatch.setattr("echoes.application.uploads.open_photo.MAX_PHOTO_BYTES", 3)

    opened = desk.open(upload)

    assert opened is not None
    assert opened.reason == "too_large"
    assert rules.MAX_PHOTO_BYTES > 3


def test_files_nobody_was_promised_a_place_for_are_left_alone(desk: Desk) -> None:
    """Another key, a stranger's upload, a file that has gone again."""
    upload = desk.send(PHOTO)
    opening = OpenPhoto(
        uploads=desk.uploads, photos=desk.photos, studio=PlainPhotoStudio(), clock=desk.clock
    )

    assert opening("owners/x/uploads/y/preview.jpg") is None
    assert opening("owners/x/uploads/y/original") is None
    del desk.photos.files[upload.photo_key]
    assert desk.open(upload) == upload


def test_an_abandoned_upload_expires(desk: Desk) -> None:
    """Fifteen minutes, as the form."""
    (promised,) = desk.request()
    view = ViewUpload(uploads=desk.uploads, photos=desk.photos, clock=desk.clock)
    desk.clock.advance(UPLOAD_LIFETIME + timedelta(seconds=1))

    seen = view(desk.owner, promised.upload.upload_id)

    assert (seen.state, seen.preview_url) == (UploadState.EXPIRED, None)
    assert not desk.photos.receive(promised.form.fields, PHOTO)


def test_the_event_of_the_bucket_is_understood(desk: Desk) -> None:
    """As EventBridge sends it."""
    upload = desk.send(PHOTO)
    opening = OpenPhoto(
        uploads=desk.uploads, photos=desk.photos, studio=PlainPhotoStudio(), clock=desk.clock
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
