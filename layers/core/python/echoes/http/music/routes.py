"""The music that films can have."""

from typing import Any

from echoes.application.music.list_music import ListMusic, OfferedTrack
from echoes.domain.assembly.render_plan import FPS
from echoes.domain.music.tracks import BEATS_A_BAR
from echoes.http.application import Route
from echoes.http.request import Request
from echoes.http.response import Caching, Response


def music_routes(*, list_music: ListMusic) -> list[Route]:
    """
    Return the route of the music.

    Its answers may be kept for five minutes, and the links in them live an hour: nobody is ever
    handed a link that is about to end.
    """

    def show(_request: Request) -> Response:
        offered = [_track(track) for track in list_music()]
        return Response(body={"items": offered, "next_cursor": None}, caching=Caching.CATALOGUE)

    return [Route(method="GET", pattern="/v1/music", endpoint=show)]


def _track(offered: OfferedTrack) -> dict[str, Any]:
    track = offered.track
    return {
        "id": track.track_id,
        "title": track.title,
        "mood": track.mood.value,
        "description": track.description,
        "duration_seconds": round(track.duration_seconds, 3),
        "tempo_bpm": track.grid.tempo_bpm,
        "beat_grid": {
            "frames_per_second": FPS,
            "first_beat_frame": track.grid.first_beat_frame,
            "beat_frames": track.grid.beat_frames,
            "beats_per_bar": BEATS_A_BAR,
        },
        "loudness_lufs": track.loudness_lufs,
        "author": track.author,
        "licence": track.licence,
        "preview_url": offered.preview_url,
    }
