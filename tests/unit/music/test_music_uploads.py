"""People's own music on its way in: promised, arrived, prepared, decided once, deleted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from dev.fakes.clock import FakeClock
from dev.fakes.media import InMemoryMediaStore
from dev.fakes.music_uploads import InMemoryMusicUploads, PlainMusicStudio
from dev.fakes.ranges import InMemoryRangedMedia
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
    MusicUpload,
    MusicWish,
)
from echoes.domain.uploads import UploadState
from echoes.tasks.music import open_arrived_music
from tests.support.factories import an_owner

SONG = b"music of a summer"


@dataclass(slots=True, kw_only=True)
class Desk:
    """An owner with music, the buckets and the function that opens what arrives."""

    clock: FakeClock = field(default_factory=FakeClock)
    owner: OwnerId = field(default_factory=an_owner)
    music: InMemoryMusicUploads = field(default_factory=InMemoryMusicUploads)
    studio: PlainMusicStudio = field(default_factory=PlainMusicStudio)
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
            studio=self.studio,
            clock=self.clock,
        )

    def request(self, *, content: bytes = SONG, wish: str | None = None) -> PromisedMusic:
        request = RequestMusicUpload(music=self.music, arrivals=self.arrivals, clock=self.clock)
        return request(self.owner, a_wish(bytes=len(content)), wish=wish)

    def send(self, content: bytes = SONG, **declared: str) -> MusicUpload:
        """Promise a place, post *content* there, and return the upload."""
        request = RequestMusicUpload(music=self.music, arrivals=self.arrivals, clock=self.clock)
        promised = request(self.owner, a_wish(bytes=len(content), **declared))
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


def a_wish(**changes: object) -> MusicWish:
    wish = {"filename": "song.mp3", "content_type": "audio/mpeg", "rights_confirmed": True}
    return MusicWish(**wish | changes)  # type: ignore[arg-type]  # any field


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_music_that_arrives_is_ready_to_be_heard(desk: Desk) -> None:
    """The file itself is let go of; what films will have can be listened to."""
    upload = desk.send(sha256=sha256(SONG).hexdigest())
    opened = desk.opening(upload.original_key)

    assert opened is not None
    assert (opened.state, opened.fault) == (UploadState.READY, None)
    view = ViewMusic(music=desk.music, media=desk.media, clock=desk.clock)
    seen = view(desk.owner, upload.music_id)
    assert desk.media.follow(seen.preview_url or "") == b"prepared " + SONG
    assert not desk.arrivals.files
    assert [each.upload for each in view.list(desk.owner)] == [opened]
    assert view.list(an_owner()) == []
    with pytest.raises(NotFound):
        view(an_owner(), upload.music_id)


def test_a_repeated_event_changes_nothing(desk: Desk) -> None:
    """Also when somebody sends another file to the same place afterwards."""
    promised = desk.request()
    desk.arrivals.receive(promised.form.fields, SONG)
    first = desk.opening(promised.upload.original_key)
    desk.arrivals.receive(promised.form.fields, b"music of an autum")

    assert desk.opening(promised.upload.original_key) == first
    assert desk.opening(promised.upload.original_key) == first
    assert desk.studio.prepared == 1
    assert not desk.arrivals.files


@pytest.mark.parametrize(
    ("content", "declared", "fault"),
    [
        (b"#EXTM3U", {}, MusicFault.UNSUPPORTED_FORMAT),
        (SONG, {"sha256": "0" * 64}, MusicFault.CHECKSUM_MISMATCH),
    ],
)
def test_a_bad_file_is_rejected_and_leaves_nothing(
    desk: Desk, content: bytes, declared: dict[str, str], fault: MusicFault
) -> None:
    """Poison is decided about, and never comes back."""
    upload = desk.send(content, **declared)

    opened = desk.opening(upload.original_key)

    assert opened is not None
    assert (opened.state, opened.fault) == (UploadState.REJECTED, fault)
    assert not desk.arrivals.files
    assert not desk.media.files


def test_half_a_file_is_rejected(desk: Desk) -> None:
    """Fewer bytes than were declared, whatever they are; more the store itself refuses."""
    promised = desk.request()
    assert desk.arrivals.receive(promised.form.fields, SONG[:-1])
    assert not desk.arrivals.receive(promised.form.fields, SONG + b"!")

    opened = desk.opening(promised.upload.original_key)

    assert opened is not None
    assert opened.fault is MusicFault.TRUNCATED


def test_nothing_is_decided_by_halves(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that does not answer leaves the file where it is, and the event comes again."""
    upload = desk.send()
    write = desk.media.write

    def broken(*_arguments: object, **_named: object) -> None:
        raise Unavailable("S3 could not respond")

    monkeypatch.setattr(desk.media, "write", broken)
    with pytest.raises(Unavailable):
        desk.opening(upload.original_key)
    assert desk.music.get(desk.owner, upload.music_id).state is UploadState.WAITING

    monkeypatch.setattr(desk.media, "write", write)
    opened = desk.opening(upload.original_key)
    assert opened is not None
    assert opened.state is UploadState.READY


def test_music_deleted_while_it_is_prepared_stays_deleted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is left in either bucket."""
    upload = desk.send()
    prepare = desk.studio.prepare

    def slow(source: Path, *, directory: Path) -> PreparedPiece:
        desk.delete(upload)
        return prepare(source, directory=directory)

    monkeypatch.setattr(desk.studio, "prepare", slow)

    assert desk.opening(upload.original_key) is None
    assert not desk.media.files
    assert not desk.arrivals.files


def test_deleted_music_is_gone_with_its_bytes(desk: Desk) -> None:
    """For others it never was there; asking twice says so."""
    upload, other = desk.ready(), desk.ready()
    with pytest.raises(NotFound):
        desk.delete(upload, owner=an_owner())

    desk.delete(upload)

    assert list(desk.media.files) == [other.key_of(other.track)] if other.track else False
    with pytest.raises(NotFound):
        desk.delete(upload)


def test_a_deletion_that_was_cut_short_is_finished_by_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files go first, so the piece is still there to be asked for."""
    upload, remove = desk.ready(), desk.music.remove

    def broken(_upload: MusicUpload) -> None:
        raise Unavailable("DynamoDB could not respond")

    monkeypatch.setattr(desk.music, "remove", broken)
    with pytest.raises(Unavailable):
        desk.delete(upload)
    monkeypatch.setattr(desk.music, "remove", remove)

    desk.delete(upload)

    with pytest.raises(NotFound):
        desk.music.get(desk.owner, upload.music_id)


def test_the_same_wish_has_the_same_place(desk: Desk) -> None:
    """A repeated request takes no second place on the shelf."""
    first, again = desk.request(wish="key"), desk.request(wish="key")

    assert first.upload == again.upload
    assert first.form.fields["Content-Type"] == "audio/mpeg"
    assert len(desk.music.shelf(desk.owner).pieces) == 1


def test_a_full_shelf_is_full(desk: Desk) -> None:
    """Twenty pieces a person; deleting one makes room, and so do places nobody filled."""
    pieces = [desk.ready()] + [desk.request().upload for _ in range(MAX_MUSIC - 1)]
    with pytest.raises(TooMuchMusic):
        desk.request()
    desk.delete(pieces[0])
    desk.request()
    desk.clock.advance(MUSIC_UPLOAD_LIFETIME + timedelta(seconds=1))

    desk.request()

    assert len(desk.music.shelf(desk.owner).pieces) == MAX_MUSIC


def test_two_at_once_cannot_overfill_a_shelf(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looked before the other added looks again."""
    for _ in range(MAX_MUSIC - 1):
        desk.request()
    add: Callable[..., None] = desk.music.add
    faster = iter([True])

    def raced(*arguments: object, **named: object) -> None:
        if next(faster, False):
            desk.request()
        add(*arguments, **named)

    monkeypatch.setattr(desk.music, "add", raced)
    with pytest.raises((TooMuchMusic, Conflict)):
        desk.request()
    assert len(desk.music.shelf(desk.owner).pieces) == MAX_MUSIC


def test_a_film_may_have_ours_or_ones_own_music(desk: Desk) -> None:
    """What a film needs is written down; anybody else's music is as if it never was."""
    choose, upload = ChooseMusic(music=desk.music), desk.ready()
    assert upload.track is not None

    assert choose(desk.owner, TRACKS[0].track_id).key == TRACKS[0].key
    own = choose(desk.owner, upload.music_id)
    assert (own.key, own.sha256) == (upload.key_of(upload.track), upload.track.sha256)

    answers = set()
    for owner, track_id in ((an_owner(), upload.music_id), (desk.owner, "no-such-music")):
        with pytest.raises(InvalidRequest) as refused:
            choose(owner, track_id)
        answers.add((str(refused.value), refused.value.field))
    assert len(answers) == 1
    assert answers.pop()[1] == "music_track_id"


def test_music_that_is_not_ready_cannot_be_chosen(desk: Desk) -> None:
    """The owner is told that it is not ready, and where to look."""
    with pytest.raises(InvalidRequest, match="not ready") as refused:
        ChooseMusic(music=desk.music)(desk.owner, desk.request().upload.music_id)
    assert refused.value.field == "music_track_id"


def test_the_event_of_the_bucket_is_understood(desk: Desk) -> None:
    """As EventBridge sends it; a stray file is left to the bucket's own rule."""
    upload = desk.send()
    event = {"id": "1", "detail": {"object": {"key": upload.original_key, "size": 14}}}

    assert open_arrived_music(event, open_music=desk.opening) == "ready"
    for key in ("elsewhere", "incoming/owners/x/music/y/source"):
        stray = {"detail": {"object": {"key": key}}}
        assert open_arrived_music(stray, open_music=desk.opening) is None
