"""Every caller may listen to the music before choosing it."""

from urllib.parse import parse_qs, urlsplit

from dev.fakes.media import StoredFile
from echoes.domain.music.tracks import CONTENT_TYPE, TRACKS
from tests.support.http_api import HttpApi


def test_the_music_is_listed_for_everybody(api: HttpApi) -> None:
    """M1, M2: without a token; title, mood, length, tempo, beat grid, loudness and licence."""
    reply = api.call("GET", "/v1/music")
    assert reply.status == 200
    assert reply.headers["Cache-Control"] == "public, max-age=300"
    assert [item["id"] for item in reply.body["items"]] == [track.track_id for track in TRACKS]
    assert len(reply.body["items"]) >= 6
    acoustic = next(item for item in reply.body["items"] if item["mood"] == "acoustic")
    assert acoustic["tempo_bpm"] == 96
    assert acoustic["duration_seconds"] == 40
    assert acoustic["beat_grid"] == {
        "frames_per_second": 24,
        "first_beat_frame": 0,
        "beat_frames": 15,
        "beats_per_bar": 4,
    }
    assert acoustic["licence"] == "CC0-1.0"


def test_a_preview_can_be_played_long_after_the_answer_was_cached(api: HttpApi) -> None:
    """PF6: the link lives an hour and the answer five minutes, so every link seen has 55 left."""
    for track in TRACKS:
        api.media.files[track.key] = StoredFile(
            content=track.title.encode(), content_type=CONTENT_TYPE
        )
    items = api.call("GET", "/v1/music").body["items"]
    api.clock.sleep(300 + 10 * 60)
    for item in items:
        url = item["preview_url"]
        assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["3600"]
        assert api.media.follow(url) == item["title"].encode()
