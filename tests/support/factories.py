"""
Things for tests to work with.

Functions give one valid thing, with what the test cares about as keyword arguments; strategies
give every valid thing, for properties.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from hypothesis import strategies as st

from echoes.application.ports.access_audit import AdminRead
from echoes.domain.clips.attempts import Attempt, ClipMedia, ClipStatus, Stage, first_attempt
from echoes.domain.clips.clip import MAX_SEED, Clip, Motion
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.identifiers import (
    AttemptId,
    ClipId,
    Credits,
    MusicUploadId,
    OwnerId,
    ProjectId,
    ProviderTaskId,
    UploadId,
)
from echoes.domain.music.uploads import (
    MusicFault,
    MusicRequest,
    MusicUpload,
    OwnTrack,
    Rights,
    promise_music,
)
from echoes.domain.uploads import (
    CONTENT_TYPES,
    MAX_PHOTO_BYTES,
    PhotoFacts,
    Upload,
    UploadState,
    promise_upload,
)

NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)

_numbers = count(1)


def an_id() -> str:
    """Return an id that no other call returned, in the shape of real ones."""
    return f"{next(_numbers):024d}".translate(str.maketrans("0189", "wxyz"))


def an_owner() -> OwnerId:
    """Return a new owner."""
    return OwnerId(f"user-{an_id()}")


def an_upload(*, at: datetime = NOON, **changes: Any) -> Upload:  # noqa: ANN401  # any field
    """Return an upload that waits for its photo since *at*."""
    promised = promise_upload(
        owner_id=changes.pop("owner_id", None) or an_owner(),
        upload_id=changes.pop("upload_id", None) or UploadId(an_id()),
        content_type="image/jpeg",
        declared_bytes=123_456,
        at=at,
    )
    return replace(promised, **changes)


def photo_facts(**changes: Any) -> PhotoFacts:  # noqa: ANN401  # any field
    """Return what was found in a photo."""
    facts = PhotoFacts(
        content_type="image/jpeg",
        width=4032,
        height=3024,
        bytes=123_456,
        sha256="a" * 64,
        placeholder="data:image/jpeg;base64,AAAA",
        taken_at=NOON - timedelta(days=400),
    )
    return replace(facts, **changes)


def a_ready_upload(**changes: Any) -> Upload:  # noqa: ANN401  # any field
    """Return an upload whose photo can be animated."""
    ready = an_upload(state=UploadState.READY, facts=photo_facts(), version=2)
    return replace(ready, **changes)


def a_clip(*, at: datetime = NOON, **changes: Any) -> Clip:  # noqa: ANN401  # any field
    """Return a clip ordered at *at* whose first attempt is pending."""
    clip_id = changes.pop("clip_id", None) or ClipId(an_id())
    clip = Clip(
        owner_id=changes.pop("owner_id", None) or an_owner(),
        clip_id=clip_id,
        upload_id=UploadId(an_id()),
        duration_seconds=5,
        ratio=Ratio.LANDSCAPE,
        motion=Motion.ZOOM_IN,
        seed=7,
        free=False,
        placeholder="data:image/jpeg;base64,AAAA",
        created_at=at,
        updated_at=at,
        attempts=(first_attempt(clip_id, provider="runway", credits_=Credits(1), at=at),),
    )
    return replace(clip, **changes)


def clip_media(clip: Clip, **changes: Any) -> ClipMedia:  # noqa: ANN401  # any field
    """Return stored media for the current attempt of *clip*."""
    width, height = clip.ratio.size
    media = ClipMedia(
        master_key=f"{clip.media_prefix}master.mp4",
        preview_key=f"{clip.media_prefix}preview.mp4",
        poster_key=f"{clip.media_prefix}poster.jpg",
        width=width,
        height=height,
        duration_seconds=float(clip.duration_seconds),
        frames=24 * clip.duration_seconds,
        bytes=2_000_000,
        sha256="b" * 64,
        signature="h264-high",
    )
    return replace(media, **changes)


def an_admin_read(**changes: Any) -> AdminRead:  # noqa: ANN401  # any field
    """Return a record that an admin read a user's clip."""
    read = AdminRead(
        admin_id=an_owner(),
        owner_id=an_owner(),
        route="GET /v1/clips/{clip_id}",
        resource_id=an_id(),
        request_id=an_id(),
        at=NOON,
    )
    return replace(read, **changes)


ids = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=24, max_size=24)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
"""Any text without lone surrogates: those are no text, and the API refuses them."""

instants = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001  # the zone is added next
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001  # the same
    timezones=st.just(UTC),
).map(lambda at: at.replace(fold=0))
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59)
counts = st.integers(min_value=0, max_value=2**53)
smallest = 1e-100
"""DynamoDB has no smaller numbers than 1e-130, and no need of them was found."""

fractions = st.just(0.0) | st.floats(smallest, 1)
seconds = st.just(0.0) | st.floats(smallest, 1e6)


def photo_facts_found() -> st.SearchStrategy[PhotoFacts]:
    """Generate any facts of a photo."""
    return st.builds(
        PhotoFacts,
        content_type=words,
        width=counts,
        height=counts,
        bytes=counts,
        sha256=words,
        placeholder=words,
        taken_at=st.none() | instants,
        taken_offset_minutes=offsets,
    )


def uploads() -> st.SearchStrategy[Upload]:
    """Give uploads in any state, new to every store."""
    return st.builds(
        Upload,
        owner_id=st.builds(an_owner),
        upload_id=ids.map(UploadId),
        content_type=st.sampled_from(sorted(CONTENT_TYPES)),
        declared_bytes=st.integers(1, MAX_PHOTO_BYTES),
        created_at=instants,
        expires_at=instants,
        declared_sha256=st.none() | words,
        declared_taken_at=st.none() | instants,
        declared_offset_minutes=offsets,
        state=st.sampled_from(UploadState),
        reason=st.none() | words,
        facts=st.none() | photo_facts_found(),
    )


def clip_medias() -> st.SearchStrategy[ClipMedia]:
    """Generate any media of a clip."""
    return st.builds(
        ClipMedia,
        master_key=words,
        preview_key=words,
        poster_key=words,
        width=counts,
        height=counts,
        duration_seconds=seconds,
        frames=counts,
        bytes=counts,
        sha256=words,
        signature=words,
    )


def attempts() -> st.SearchStrategy[Attempt]:
    """Give attempts in any state."""
    return st.builds(
        Attempt,
        number=st.integers(1, 4),
        attempt_id=ids.map(AttemptId),
        provider=words,
        credits=counts.map(Credits),
        created_at=instants,
        due_at=instants,
        status=st.sampled_from(ClipStatus),
        stage=st.sampled_from(Stage),
        progress=fractions,
        cancel_requested=st.booleans(),
        submitted_at=st.none() | instants,
        running_since=st.none() | instants,
        provider_task_id=st.none() | words.map(ProviderTaskId),
        completed_at=st.none() | instants,
        error_code=st.none() | st.sampled_from(ErrorCode),
        provider_cost=st.none() | counts,
        media=st.none() | clip_medias(),
    )


def clips() -> st.SearchStrategy[Clip]:
    """Give clips in any state but deleted, new to every store."""
    return st.builds(
        Clip,
        owner_id=st.builds(an_owner),
        clip_id=ids.map(ClipId),
        upload_id=ids.map(UploadId),
        duration_seconds=st.integers(2, 10),
        ratio=st.sampled_from(Ratio),
        motion=st.sampled_from(Motion),
        seed=st.integers(0, MAX_SEED),
        free=st.booleans(),
        placeholder=words,
        created_at=instants,
        updated_at=instants,
        attempts=st.lists(attempts(), min_size=1, max_size=4).map(tuple),
        project_id=st.none() | ids.map(ProjectId),
        prompt=st.none() | words,
    )


def a_music_upload(*, at: datetime = NOON, **changes: Any) -> MusicUpload:  # noqa: ANN401  # any field
    """Return a music upload that has been waiting for its file since *at*."""
    promised = promise_music(
        MusicRequest(
            filename="our song.mp3", content_type="audio/mpeg", bytes=4321, rights_confirmed=True
        ),
        owner_id=changes.pop("owner_id", None) or an_owner(),
        music_id=changes.pop("music_id", None) or MusicUploadId(an_id()),
        at=at,
    )
    return replace(promised, **changes)


def an_own_track(**changes: Any) -> OwnTrack:  # noqa: ANN401  # any field
    """Return what was prepared of a piece."""
    track = OwnTrack(sha256="c" * 64, bytes=543_210, duration_seconds=61.44, profile=(-140, -152))
    return replace(track, **changes)


def ready_music(**changes: Any) -> MusicUpload:  # noqa: ANN401  # any field
    """Return a piece that films can have."""
    ready: dict[str, Any] = {"state": UploadState.READY, "track": an_own_track(), "version": 2}
    return a_music_upload(**ready | changes)


def music_uploads() -> st.SearchStrategy[MusicUpload]:
    """Give pieces in any state, new to every store."""
    tracks = st.builds(
        OwnTrack,
        sha256=words,
        bytes=counts,
        duration_seconds=st.floats(min_value=1, max_value=1000),
        profile=st.lists(st.integers(-700, 100), max_size=900).map(tuple),
    )
    return st.builds(
        MusicUpload,
        owner_id=st.builds(an_owner),
        music_id=ids.map(MusicUploadId),
        title=words,
        content_type=words,
        declared_bytes=counts,
        rights=st.builds(Rights, confirmed_at=instants, version=words),
        created_at=instants,
        expires_at=instants,
        declared_sha256=st.none() | words,
        state=st.sampled_from(UploadState),
        fault=st.none() | st.sampled_from(MusicFault),
        track=st.none() | tracks,
        version=st.just(1),
    )
