"""The rules of people's own music."""

from datetime import timedelta

import pytest

from echoes.domain.errors import InvalidRequest, TooMuchMusic
from echoes.domain.identifiers import MusicUploadId
from echoes.domain.music.uploads import (
    FAULT_TEXTS,
    MAX_MUSIC,
    MAX_MUSIC_BYTES,
    MUSIC_UPLOAD_LIFETIME,
    RIGHTS_TEXT,
    RIGHTS_VERSION,
    Library,
    MusicFault,
    MusicRequest,
    MusicUpload,
    accept,
    locate,
    make_room,
    promise_music,
    reject,
)
from echoes.domain.uploads import UploadState
from tests.support.factories import (
    NOON,
    a_music_upload,
    an_id,
    an_own_track,
    an_owner,
    ready_music,
)


def promised(**changes: object) -> MusicUpload:
    request = {
        "filename": "song.mp3",
        "content_type": "audio/mpeg",
        "bytes": 1000,
        "rights_confirmed": True,
    } | changes
    return promise_music(
        MusicRequest(**request),  # type: ignore[arg-type]  # any field
        owner_id=an_owner(),
        music_id=MusicUploadId(an_id()),
        at=NOON,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rights_confirmed", False),
        ("content_type", "video/mp4"),
        ("bytes", 0),
        ("bytes", MAX_MUSIC_BYTES + 1),
        ("title", "  "),
        ("title", "t" * 121),
    ],
)
def test_what_cannot_be_promised_names_its_field(field: str, value: object) -> None:
    """Without the tick in the box there is no place, and so no upload."""
    with pytest.raises(InvalidRequest) as refused:
        promised(**{field: value})
    assert refused.value.field == field


def test_what_was_confirmed_is_kept_with_its_time() -> None:
    """It stays known when they were confirmed, and which version."""
    rights = promised().rights
    assert (rights.confirmed_at, rights.version) == (NOON, RIGHTS_VERSION)
    assert RIGHTS_TEXT.endswith(".")


@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("our song.mp3", "our song"),
        ("C:\\music\\lake.final.wav", "lake.final"),
        ("../../etc/passwd", "passwd"),
        ("\x00\x07.mp3", "My music"),
        (f"{'x' * 200}.ogg", "x" * 120),
    ],
)
def test_without_a_title_it_is_called_as_its_file(filename: str, title: str) -> None:
    """One readable line for every file name."""
    assert promised(filename=filename).title == title


def test_it_is_decided_once() -> None:
    """The second decision changes nothing, whichever it is."""
    upload = a_music_upload()
    ready, rejected = accept(upload, an_own_track()), reject(upload, MusicFault.SILENT)
    assert (ready.state, ready.version) == (UploadState.READY, 2)
    assert reject(ready, MusicFault.SILENT) == ready
    assert accept(rejected, an_own_track()) == rejected


def test_what_came_to_nothing_is_forgotten_and_music_never() -> None:
    """An abandoned place after a day, a rejected file after a week."""
    upload = a_music_upload()
    assert upload.forget_at == upload.expires_at + timedelta(days=1)
    assert reject(upload, MusicFault.VIDEO).forget_at == NOON + timedelta(days=7)
    assert accept(upload, an_own_track()).forget_at is None
    assert upload.state_at(NOON + MUSIC_UPLOAD_LIFETIME) is UploadState.EXPIRED


def test_a_library_has_room_for_so_many_and_drops_what_is_no_music() -> None:
    """Rejected and abandoned pieces take no place; music is never dropped."""
    owner = an_owner()
    music = [ready_music(owner_id=owner) for _ in range(MAX_MUSIC - 2)]
    old, young = (
        reject(a_music_upload(owner_id=owner, at=NOON + timedelta(hours=hour)), MusicFault.SILENT)
        for hour in (0, 1)
    )
    assert make_room(Library(pieces=(*music, old)), at=NOON) == []
    assert make_room(Library(pieces=(*music, young, old)), at=NOON) == [old]
    waiting = [a_music_upload(owner_id=owner) for _ in range(2)]
    with pytest.raises(TooMuchMusic):
        make_room(Library(pieces=(*music, *waiting)), at=NOON)
    later = NOON + MUSIC_UPLOAD_LIFETIME
    assert make_room(Library(pieces=(*music, *waiting)), at=later) == [waiting[0]]


def test_every_fault_has_words() -> None:
    """People see the reason."""
    assert set(FAULT_TEXTS) == set(MusicFault)


def test_a_key_tells_whose_music_it_is() -> None:
    """And keys of another kind belong to no upload."""
    upload = a_music_upload()
    assert locate(upload.original_key) == (upload.owner_id, upload.music_id)
    for key in ("owners/a/uploads/b/original", "incoming/owners//music/x/source", ""):
        assert locate(key) is None
