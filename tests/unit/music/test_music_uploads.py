"""People's own music on its way in: promised, arrived, prepared, decided once, deleted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from dev.fakes.clock import FakeClock
from dev.fakes.films import InMemoryRangedMedia
from dev.fakes.media import InMemoryMediaStore
from dev.fakes.music import InMemoryMusicUploads, PlainMusicProcessor
from echoes.application.music.choose_music import ChooseMusic
from echoes.application.music.delete_music import DeleteMusic
from echoes.application.music.open_music import OpenMusic
from echoes.application.music.request_music_upload import PromisedMusic, RequestMusicUpload
from echoes.application.music.view_music import ViewMusic
from echoes.application.ports.music import PreparedPiece
from echoes.domain.errors import Conflict, InvalidRequest, NotFound, TooMuchMusic, Unavailable
from echoes.domain.identifiers import OwnerId
from echoes.domain.music.tracks import TRACKS
from echoes.domain.music.uploads import (
    MAX_MUSIC,
    MUSIC_UPLOAD_LIFETIME,
    MusicFault,
    MusicRequest,
    MusicUpload,
)
from echoes.domain.uploads import UploadState
from echoes.tasks.music import open_arrived_music
from tests.support.factories import an_owner

SONG = b"music of a summer"


@dataclass(slots=True, kw_only=True)
class MusicLibrary:
    """An owner with music, the buckets and the function that opens what arrives."""

    clock: FakeClock = field(default_factory=FakeClock)
    owner: OwnerId = field(default_factory=an_owner)
    music: InMemoryMusicUploads = field(default_factory=InMemoryMusicUploads)
    processor: PlainMusicProcessor = field(default_factory=PlainMusicProcessor)
    arrivals: InMemoryMediaStore = field(init=False)
    media: InMemoryMediaStore = field(init=False)

    def __post_init__(self) -> None:
        self.arrivals = InMemoryMediaStore(self.clock, url="https://photos.test")
        self.media = InMemoryMediaStore(self.clock, url="https://clips.test")

    @property
    def opening(self) -> OpenMusic:
        return OpenMusic(
            music=self.music,
            files=InMemoryRangedMedia(self.arrivals),
            arrivals=self.arrivals,
            media=self.media,
            processor=self.processor,
            clock=self.clock,
        )

    def request(self, *, content: bytes = SONG, key: str | None = None) -> PromisedMusic:
        request_upload = RequestMusicUpload(
            music=self.music, arrivals=self.arrivals, clock=self.clock
        )
        return request_upload(self.owner, a_request(bytes=len(content)), key=key)

    def send(self, content: bytes = SONG, **declared: str) -> MusicUpload:
        """Promise a place, post *content* there, and return the upload."""
        request_upload = RequestMusicUpload(
            music=self.music, arrivals=self.arrivals, clock=self.clock
        )
        promised = request_upload(self.owner, a_request(bytes=len(content), **declared))
        assert self.arrivals.receive(promised.form.fields, content)
        return promised.upload

    def ready(self) -> MusicUpload:
        upload = self.opening(self.send().original_key)
        assert upload is not None
        return upload

    def delete(self, upload: MusicUpload, *, owner: OwnerId | None = None) -> None:
        deletion = DeleteMusic(
            music=self.music, arrivals=self.arrivals, media=self.media, clock=self.clock
        )
        deletion(owner or self.owner, upload.music_id)


def a_request(**changes: object) -> MusicRequest:
    request = {"filename": "song.mp3", "content_type": "audio/mpeg", "rights_confirmed": True}
    return MusicRequest(**request | changes)  # type: ignore[arg-type]  # any field


@pytest.fixture
def library() -> MusicLibrary:
    return MusicLibrary()


def test_music_that_arrives_is_ready_to_be_heard(library: MusicLibrary) -> None:
    """The file itself is let go of; what films will have can be listened to."""
    upload = library.send(sha256=sha256(SONG).hexdigest())
    opened = library.opening(upload.original_key)

    assert opened is not None
    assert (opened.state, opened.fault) == (UploadState.READY, None)
    view = ViewMusic(music=library.music, media=library.media, clock=library.clock)
    seen = view(library.owner, upload.music_id)
    assert library.media.follow(seen.preview_url or "") == b"prepared " + SONG
    assert not library.arrivals.files
    assert [each.upload for each in view.list(library.owner)] == [opened]
    assert view.list(an_owner()) == []
    with pytest.raises(NotFound):
        view(an_owner(), upload.music_id)


def test_a_repeated_event_changes_nothing(library: MusicLibrary) -> None:
    """Also if another file is sent to the same slot afterwards."""
    promised = library.request()
    library.arrivals.receive(promised.form.fields, SONG)
    first = library.opening(promised.upload.original_key)
    library.arrivals.receive(promised.form.fields, b"music of an autum")

    assert library.opening(promised.upload.original_key) == first
    assert library.opening(promised.upload.original_key) == first
    assert library.processor.prepared == 1
    assert not library.arrivals.files


@pytest.mark.parametrize(
    ("content", "declared", "fault"),
    [
        (b"#EXTM3U", {}, MusicFault.UNSUPPORTED_FORMAT),
        (SONG, {"sha256": "0" * 64}, MusicFault.CHECKSUM_MISMATCH),
    ],
)
def test_a_bad_file_is_rejected_and_leaves_nothing(
    library: MusicLibrary, content: bytes, declared: dict[str, str], fault: MusicFault
) -> None:
    """Poison is decided about, and never comes back."""
    upload = library.send(content, **declared)

    opened = library.opening(upload.original_key)

    assert opened is not None
    assert (opened.state, opened.fault) == (UploadState.REJECTED, fault)
    assert not library.arrivals.files
    assert not library.media.files


def test_half_a_file_is_rejected(library: MusicLibrary) -> None:
    """Fewer bytes than declared are rejected; the store itself refuses more."""
    promised = library.request()
    assert library.arrivals.receive(promised.form.fields, SONG[:-1])
    assert not library.arrivals.receive(promised.form.fields, SONG + b"!")

    opened = library.opening(promised.upload.original_key)

    assert opened is not None
    assert opened.fault is MusicFault.TRUNCATED


def test_nothing_is_decided_by_halves(
    library: MusicLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a store does not respond, the file stays and the event is retried."""
    upload = library.send()
    write = library.media.write

    def broken(*_arguments: object, **_named: object) -> None:
        raise Unavailable("S3 could not respond")

    monkeypatch.setattr(library.media, "write", broken)
    with pytest.raises(Unavailable):
        library.opening(upload.original_key)
    assert library.music.get(library.owner, upload.music_id).state is UploadState.WAITING

    monkeypatch.setattr(library.media, "write", write)
    opened = library.opening(upload.original_key)
    assert opened is not None
    assert opened.state is UploadState.READY


def test_music_deleted_while_it_is_prepared_stays_deleted(
    library: MusicLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is left in either bucket."""
    upload = library.send()
    prepare = library.processor.prepare

    def slow(source: Path, *, directory: Path) -> PreparedPiece:
        library.delete(upload)
        return prepare(source, directory=directory)

    monkeypatch.setattr(library.processor, "prepare", slow)

    assert library.opening(upload.original_key) is None
    assert not library.media.files
    assert not library.arrivals.files


def test_deleted_music_is_gone_with_its_bytes(library: MusicLibrary) -> None:
    """For others it never was there; asking twice says so."""
    upload, other = library.ready(), library.ready()
    with pytest.raises(NotFound):
        library.delete(upload, owner=an_owner())

    library.delete(upload)

    assert list(library.media.files) == [other.key_of(other.track)] if other.track else False
    with pytest.raises(NotFound):
        library.delete(upload)


def test_a_deletion_that_was_cut_short_is_finished_by_the_next(
    library: MusicLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files go first, so the piece is still there to be asked for."""
    upload, remove = library.ready(), library.music.remove

    def broken(_upload: MusicUpload) -> None:
        raise Unavailable("DynamoDB could not respond")

    monkeypatch.setattr(library.music, "remove", broken)
    with pytest.raises(Unavailable):
        library.delete(upload)
    monkeypatch.setattr(library.music, "remove", remove)

    library.delete(upload)

    with pytest.raises(NotFound):
        library.music.get(library.owner, upload.music_id)


def test_the_same_request_has_the_same_place(library: MusicLibrary) -> None:
    """A repeated request takes no second place in the library."""
    first, again = library.request(key="key"), library.request(key="key")

    assert first.upload == again.upload
    assert first.form.fields["Content-Type"] == "audio/mpeg"
    assert len(library.music.library(library.owner).pieces) == 1


def test_a_full_library_is_full(library: MusicLibrary) -> None:
    """Twenty pieces a person; deleting one makes room, and so do unused slots."""
    pieces = [library.ready()] + [library.request().upload for _ in range(MAX_MUSIC - 1)]
    with pytest.raises(TooMuchMusic):
        library.request()
    library.delete(pieces[0])
    library.request()
    library.clock.advance(MUSIC_UPLOAD_LIFETIME + timedelta(seconds=1))

    library.request()

    assert len(library.music.library(library.owner).pieces) == MAX_MUSIC


def test_two_at_once_cannot_overfill_a_library(
    library: MusicLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slower one has to read the library again."""
    for _ in range(MAX_MUSIC - 1):
        library.request()
    add: Callable[..., None] = library.music.add
    faster = iter([True])

    def raced(*arguments: object, **named: object) -> None:
        if next(faster, False):
            library.request()
        add(*arguments, **named)

    monkeypatch.setattr(library.music, "add", raced)
    with pytest.raises((TooMuchMusic, Conflict)):
        library.request()
    assert len(library.music.library(library.owner).pieces) == MAX_MUSIC


def test_a_film_may_have_our_music_or_an_upload(library: MusicLibrary) -> None:
    """What a film needs is written down; anybody else's music is as if it never was."""
    choose, upload = ChooseMusic(music=library.music), library.ready()
    assert upload.track is not None

    assert choose(library.owner, TRACKS[0].track_id).key == TRACKS[0].key
    own = choose(library.owner, upload.music_id)
    assert (own.key, own.sha256) == (upload.key_of(upload.track), upload.track.sha256)

    answers = set()
    for owner, track_id in ((an_owner(), upload.music_id), (library.owner, "no-such-music")):
        with pytest.raises(InvalidRequest) as refused:
            choose(owner, track_id)
        answers.add((str(refused.value), refused.value.field))
    assert len(answers) == 1
    assert answers.pop()[1] == "music_track_id"


def test_music_that_is_not_ready_cannot_be_chosen(library: MusicLibrary) -> None:
    """The error says that it is not ready, and where to look."""
    with pytest.raises(InvalidRequest, match="not ready") as refused:
        ChooseMusic(music=library.music)(library.owner, library.request().upload.music_id)
    assert refused.value.field == "music_track_id"


def test_the_event_of_the_bucket_is_understood(library: MusicLibrary) -> None:
    """As EventBridge sends it; a stray file is left to the bucket's own rule."""
    upload = library.send()
    event = {"id": "1", "detail": {"object": {"key": upload.original_key, "size": 14}}}

    assert open_arrived_music(event, open_music=library.opening) == "ready"
    for key in ("elsewhere", "incoming/owners/x/music/y/source"):
        stray = {"detail": {"object": {"key": key}}}
        assert open_arrived_music(stray, open_music=library.opening) is None
