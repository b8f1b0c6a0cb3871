"""The music that films can have."""

from dataclasses import dataclass

from echoes.application.music.list_music import ListMusic
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.identity import Audience
from echoes.http.music.views import track_body
from echoes.http.request import Request
from echoes.http.response import Caching, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicRoutes(Routes):
    """
    The catalogue of music.

    Caches may keep its responses for five minutes, and the links in them are valid for an hour:
    nobody gets a link that is about to expire.
    """

    list_tracks: ListMusic

    @route("GET", "/v1/music", Audience.ALL, Throttle.READING, function="account-api")
    def list_music(self, _request: Request) -> Response:
        """Return every track, with a preview."""
        tracks = [track_body(track) for track in self.list_tracks()]
        return Response(body={"items": tracks, "next_cursor": None}, caching=Caching.CATALOGUE)
