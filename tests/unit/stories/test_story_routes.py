"""Stories over HTTP: a plan for nothing, which can be ordered as it stands."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from echoes.adapters.video.photo_processor import PillowPhotoProcessor
from echoes.application.ports.clips import ClipChange
from echoes.domain.assembly.planning import plan_film
from echoes.domain.assembly.render_plan import FPS
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.clip import complete, media_stored
from echoes.domain.clips.ratios import Ratio
from echoes.domain.films.specification import spec_of
from echoes.domain.identifiers import ClipId, Credits, FilmId, OwnerId, UploadId
from echoes.domain.music.tracks import TRACKS
from echoes.domain.projects.project import MAX_CLIPS
from echoes.domain.stories.selection import StoryPhoto
from echoes.domain.uploads import Upload, UploadState, accept
from tests.support.api_description import Reply
from tests.support.factories import (
    a_music_upload,
    a_ready_upload,
    an_id,
    an_upload,
    clip_media,
    photo_facts,
    ready_music,
)
from tests.support.grants import GrantCredits
from tests.support.http_api import HttpApi, Token
from tests.support.specimens import encoded
from tests.support.story_photos import a_little_other, a_photo, scene

STORIES = "/v1/stories"
Body = dict[str, Any]


def kept(api: HttpApi, owner: OwnerId, photo: StoryPhoto) -> UploadId:
    """Store an upload with the facts of *photo*; return its id."""
    upload = a_ready_upload(
        owner_id=owner,
        upload_id=UploadId(an_id()),
        declared_taken_at=None,
        facts=photo_facts(
            width=photo.width,
            height=photo.height,
            taken_at=photo.taken_at,
            perceptual_hash=photo.perceptual_hash,
            sharpness=photo.sharpness,
        ),
    )
    api.uploads.add([upload])
    return upload.upload_id


def an_album(api: HttpApi, owner: Token, count: int = 4) -> list[UploadId]:
    """Return photos taken a quarter of an hour apart; the last shows what the first does."""
    looks = [scene(number) for number in range(count - 1)] + [a_little_other(scene(0), by=2)]
    return [
        kept(api, owner.subject, a_photo(str(number), minutes=15 * number, bits=look))
        for number, look in enumerate(looks)
    ]


def plan(api: HttpApi, owner: Token, upload_ids: list[UploadId], **request: object) -> Reply:
    return api.call("POST", STORIES, token=owner, body={"upload_ids": list(upload_ids), **request})


def shots_of(story: Body) -> list[Body]:
    return [shot for chapter in story["chapters"] for shot in chapter["shots"]]


def test_photos_are_told_as_a_film(api: HttpApi) -> None:
    """E1, E3, E4: by date, the copy set aside with its reason, cuts on the beat, and the price."""
    user = api.user()
    album = an_album(api, user)

    reply = plan(api, user, album[::-1], music_track_id="open-windows")

    assert reply.status == 200
    story = reply.body
    assert [shot["upload_id"] for shot in shots_of(story)] == album[:3]
    (left,) = story["set_aside"]
    assert (left["upload_id"], left["instead"]) == (album[3], album[0])
    assert "same picture" in left["text"]
    assert (story["tempo_bpm"], story["cut_error_frames"]) == (120, 0)
    assert story["credits"] == 3
    assert all(shot["reasons"] for shot in shots_of(story))


def a_photo_file(stamp: str, offset: str | None, *, shade: int) -> bytes:
    """Return a JPEG as a camera writes it that knows the time, and perhaps its offset."""
    exif = Image.Exif()
    details = exif.get_ifd(0x8769)
    details[0x9003] = stamp
    if offset is not None:
        details[0x9011] = offset
    return encoded(Image.effect_noise((96, 64), shade).convert("RGB"), exif=exif.tobytes())


def told(api: HttpApi, files: list[bytes]) -> tuple[list[UploadId], Body]:
    """Send photos and have them opened; return their ids and the story they tell."""
    user = api.user()
    photo = {"filename": "a.jpg", "content_type": "image/jpeg", "bytes": 1000}
    places = api.call("POST", "/v1/uploads", token=user, body={"photos": [photo] * len(files)})
    ids = [UploadId(place["upload_id"]) for place in places.body["uploads"]]
    for upload_id, content in zip(ids, files, strict=True):
        upload = api.uploads.get(user.subject, upload_id)
        api.uploads.save(accept(upload, PillowPhotoProcessor().open(content).facts))
    return ids, plan(api, user, ids).body


@pytest.mark.parametrize(
    ("offset", "hours", "words"),
    [
        ("+09:00", ("08:00", "08:10", "08:20", "20:00"), ["5 March 2024", None, "Evening"]),
        ("-05:00", ("06:00", "06:10", "06:20", "21:30"), ["5 March 2024", None, "Evening"]),
        ("-05:00", ("13:00", "13:10", "13:20", "23:30"), ["5 March 2024", None, "Night"]),
        (None, ("08:00", "08:10", "08:20", "20:00"), ["5 March 2024", None, "Evening"]),
    ],
)
def test_titles_say_the_day_where_the_photos_were_taken(
    api: HttpApi,
    offset: str | None,
    hours: tuple[str, ...],
    words: list[str | None],
) -> None:
    """A morning of 5 March in Tokyo is the fifth, although Greenwich has the fourth."""
    files = [
        a_photo_file(f"2024:03:05 {hour}:00", offset, shade=50 + 40 * number)
        for number, hour in enumerate(hours)
    ]
    _, story = told(api, files)
    cards = [story["title_card"], *(chapter["title_card"] for chapter in story["chapters"])]
    assert [card and card["text"] for card in cards] == words


def test_moments_decide_the_order_whatever_the_clocks_showed(api: HttpApi) -> None:
    """E3: nine in the evening in New York is after the next morning's eight in Tokyo."""
    tokyo = a_photo_file("2024:03:05 08:00:00", "+09:00", shade=60)
    new_york = a_photo_file("2024:03:04 21:00:00", "-05:00", shade=120)
    (later, earlier), story = told(api, [new_york, tokyo])
    assert [shot["upload_id"] for shot in shots_of(story)] == [earlier, later]
    assert story["title_card"]["text"] == "4\N{EN DASH}5 March 2024"


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("2024-03-05T08:00:00+09:00", "5 March 2024"),
        ("2024-03-04T23:00:00Z", "4 March 2024"),
        ("2024-03-04T22:00:00-05:00", "4 March 2024"),
    ],
)
def test_what_a_client_says_of_the_place_counts(api: HttpApi, declared: str, words: str) -> None:
    """A client that strips EXIF may say the time with its offset; titles keep to it."""
    user = api.user()
    photo = {"filename": "a.jpg", "content_type": "image/jpeg", "bytes": 1000, "taken_at": declared}
    place = api.call("POST", "/v1/uploads", token=user, body={"photos": [photo]})
    upload_id = UploadId(place.body["uploads"][0]["upload_id"])
    upload = api.uploads.get(user.subject, upload_id)
    api.uploads.save(accept(upload, photo_facts(taken_at=None, taken_offset_minutes=0)))
    assert plan(api, user, [upload_id]).body["title_card"]["text"] == words


@pytest.mark.parametrize("who", ["user", "guest"])
def test_a_plan_costs_and_leaves_nothing(api: HttpApi, who: str) -> None:
    """Nothing is spent, stored or started, and a repeated request gets the same plan."""
    owner = api.user(credits_=5) if who == "user" else api.guest()
    album = an_album(api, owner)
    before = api.ledger.account(owner.subject)
    remembered = dict(api.records.records)

    first = plan(api, owner, album, music_track_id="slow-tide", transition="cross_fade")
    api.clock.sleep(3600)
    second = plan(api, owner, album, music_track_id="slow-tide", transition="cross_fade")

    assert first.status == second.status == 200
    assert first.body == second.body
    assert api.ledger.account(owner.subject) == before
    assert api.workflow.started == []
    assert api.records.records == remembered
    assert not api.clips.projects.page(owner.subject, before=None, limit=10).projects
    assert not api.access_audit.reads


@pytest.mark.parametrize(
    "make",
    [
        lambda _owner: a_ready_upload(owner_id=OwnerId("somebody-else")),
        lambda owner: an_upload(owner_id=OwnerId(f"{owner}x")),
    ],
    ids=["somebody else's", "somebody else's, not ready"],
)
def test_another_owners_photo_is_not_there(api: HttpApi, make: Any) -> None:  # noqa: ANN401  # a factory
    """SE1: the same answer as for an upload that never existed, and it says which one."""
    user = api.user()
    theirs = make(user.subject)
    api.uploads.add([theirs])
    mine = an_album(api, user)
    refused = [plan(api, user, [mine[0], each]) for each in (theirs.upload_id, UploadId(an_id()))]
    assert [(each.status, each.body["code"]) for each in refused] == [(404, "not_found")] * 2
    assert {each.body["detail"] for each in refused} == {"upload not found: upload_ids.1"}


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (UploadState.WAITING, "waiting"),
        (UploadState.EXPIRED, "expired"),
        (UploadState.REJECTED, "no_photo"),
    ],
)
def test_a_photo_that_is_not_ready_is_named(api: HttpApi, state: UploadState, says: str) -> None:
    """422, the field, and what is wrong with it."""
    user = api.user()
    upload: Upload = an_upload(
        owner_id=user.subject,
        state=state,
        reason="no_photo" if state is UploadState.REJECTED else None,
    )
    api.uploads.add([upload])
    reply = plan(api, user, [*an_album(api, user), upload.upload_id])
    assert (reply.status, reply.body["code"]) == (422, "invalid_request")
    (error,) = reply.body["errors"]
    assert error["field"] == "upload_ids.4"
    assert says in error["message"]


def test_requests_that_no_story_can_have_are_refused(api: HttpApi) -> None:
    """Each names what is wrong; music that nobody has is not found, as for films."""
    user = api.user()
    album = an_album(api, user)
    for wrong, field in (
        ({"upload_ids": []}, "upload_ids"),
        ({"upload_ids": [an_id() for _ in range(MAX_CLIPS + 1)]}, "upload_ids"),
        ({"upload_ids": [album[0], album[0]]}, "upload_ids"),
        ({"upload_ids": ["../x"]}, "upload_ids.0"),
        ({"upload_ids": album, "transition": "wipe"}, "transition"),
        ({"upload_ids": album, "ratio": "2:3"}, "ratio"),
        ({"upload_ids": album, "credits": 0}, "credits"),
    ):
        reply = api.call("POST", STORIES, token=user, body=wrong)
        assert (reply.status, reply.body["errors"][0]["field"]) == (422, field), wrong
    unknown = plan(api, user, album, music_track_id="tide")
    assert (unknown.status, unknown.body["errors"][0]["field"]) == (422, "music_track_id")
    assert api.call("POST", STORIES, body={"upload_ids": album}).status == 401


def test_uploaded_music_has_no_beats(api: HttpApi) -> None:
    """M6: nothing is claimed of music nobody measured; another's, or none yet, is refused."""
    user = api.user()
    album = an_album(api, user)
    mine, waiting, theirs = (
        ready_music(owner_id=user.subject),
        a_music_upload(owner_id=user.subject),
        ready_music(owner_id=OwnerId("somebody-else")),
    )
    for piece in (mine, waiting, theirs):
        api.music.add(piece, library=api.music.library(piece.owner_id))
    story = plan(api, user, album, music_track_id=mine.music_id).body
    assert (story["music_track_id"], story["tempo_bpm"]) == (mine.music_id, None)
    assert {shot["beat"] for shot in shots_of(story)} == {None}
    for piece in (waiting, theirs):
        reply = plan(api, user, album, music_track_id=piece.music_id)
        assert (reply.status, reply.body["errors"][0]["field"]) == (422, "music_track_id")


photos = st.builds(
    a_photo,
    st.just("photo"),
    minutes=st.none() | st.integers(0, 6_000),
    size=st.sampled_from([(4032, 3024), (3024, 4032), (3000, 3000), (6500, 2600)]),
    bits=st.none() | st.integers(0, 63).map(scene),
    sharpness=st.none() | st.integers(0, 900),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    heap=st.lists(photos, min_size=1, max_size=12) | st.lists(photos, min_size=50, max_size=50),
    track=st.none() | st.sampled_from(TRACKS),
    transition=st.sampled_from(Transition),
    ratio=st.none() | st.sampled_from(Ratio),
)
def test_every_plan_can_be_ordered_as_it_stands(
    api: HttpApi,
    heap: list[StoryPhoto],
    track: Any,  # noqa: ANN401  # a track or none
    transition: Transition,
    ratio: Ratio | None,
) -> None:
    """E1, E7, M6: project and order take it, cost what it says, and keep its order and its beat."""
    user = api.user()
    request = {
        "music_track_id": track and track.track_id,
        "transition": transition.value,
        "ratio": ratio and ratio.value,
    }
    uploads = [kept(api, user.subject, photo) for photo in heap]
    story = plan(api, user, uploads, **request).body
    GrantCredits(ledger=api.ledger, clock=api.clock)(
        user.subject,
        amount=Credits(story["credits"]),
        reference=f"enough/{user.subject}",
        actor="test",
        reason="exactly what the plan says",
    )

    project, clips = ordered(api, user, story)

    assert [clip["upload_id"] for clip in clips] == [shot["upload_id"] for shot in shots_of(story)]
    assert [clip["motion"] for clip in clips] == [shot["motion"] for shot in shots_of(story)]
    account = api.ledger.account(user.subject)
    assert (account.available, account.held) == (0, story["credits"])
    starts, frames = assembled(api, user, project, clips)
    card = story["title_card"]
    overlap = 12 if story["transition"] == "cross_fade" else 0
    ahead = card["frames"] - overlap if card else 0
    assert starts == [ahead + shot["first_frame"] for shot in shots_of(story)]
    assert frames == ahead + story["frames"]
    if track is not None:
        assert all(track.grid.error_at(start) == 0 for start in starts)


def ordered(api: HttpApi, user: Token, story: Body) -> tuple[Body, list[Body]]:
    """Order *story* as the documentation says; return the project and its clips, in its order."""
    card = story["title_card"]
    begun = api.call(
        "POST",
        "/v1/projects",
        token=user,
        body={
            **{name: story[name] for name in ("ratio", "transition", "music_track_id")},
            "title_card": card and card["text"],
        },
    )
    assert begun.status == 201, begun.body
    path = f"/v1/projects/{begun.body['id']}"
    fields = ("upload_id", "motion", "duration_seconds")
    photos = [
        {"ratio": story["ratio"], **{name: shot[name] for name in fields}}
        for shot in shots_of(story)
    ]
    order = api.call(
        "POST", f"{path}/clips", token=user, body={"photos": photos, "order": "own"}, key=an_id()
    )
    assert (order.status, order.body.get("credits")) == (202, story["credits"]), order.body
    project: Body = api.call("GET", path, token=user).body
    return project, project["clips"]


def assembled(api: HttpApi, user: Token, project: Body, clips: list[Body]) -> tuple[list[int], int]:
    """Finish the clips and order the film; return where its shots begin, and its length."""
    for each in clips:
        clip = api.clips.get(user.subject, ClipId(each["id"]))
        at = api.clock.now()
        media = clip_media(clip, frames=clip.duration_seconds * FPS)
        home = media_stored(clip, media, at=at)
        api.clips.save(ClipChange(clip=home))
        api.clips.save(ClipChange(clip=complete(home, media, at=at)))
    reply = api.call("POST", f"/v1/projects/{project['id']}/films", token=user)
    assert reply.status == 202, reply.body
    request = spec_of(api.films.get(user.subject, FilmId(reply.body["id"])), signature="h264-high")
    film = plan_film(request)
    assert film.reasons == ()
    starts, frame = [], 0
    for item in request.footage:
        starts.append(frame)
        frame += item.frames - (12 if request.transitions[:1] == (Transition.CROSS_FADE,) else 0)
    return starts[len(starts) - len(clips) :], film.frames
