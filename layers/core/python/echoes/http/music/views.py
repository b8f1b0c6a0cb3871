"""Tracks and uploaded music as the API shows them."""

from typing import Any

from echoes.application.music.list_music import OfferedTrack
from echoes.application.music.request_music_upload import PromisedMusic
from echoes.application.music.view_music import MusicView
from echoes.domain.assembly.render_plan import FPS
from echoes.domain.music.tracks import BEATS_A_BAR
from echoes.domain.music.uploads import FAULT_TEXTS
from echoes.http.times import written


def track_body(offered: OfferedTrack) -> dict[str, Any]:
    """Return a track of the catalogue."""
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


def slot_body(promised: PromisedMusic) -> dict[str, Any]:
    """Return an upload slot and its form."""
    upload, form = promised.upload, promised.form
    return {
        "id": upload.music_id,
        "post": {"url": form.url, "fields": dict(form.fields)},
        "expires_at": written(upload.expires_at),
        "state": upload.state.value,
    }


def music_body(view: MusicView) -> dict[str, Any]:
    """Return an uploaded track."""
    upload, track, fault = view.upload, view.upload.track, view.upload.fault
    return {
        "id": upload.music_id,
        "state": view.state.value,
        "reason": None if fault is None else {"code": fault.value, "text": FAULT_TEXTS[fault]},
        "title": upload.title,
        "duration_seconds": None if track is None else round(track.duration_seconds, 3),
        "preview_url": view.preview_url,
        "created_at": written(upload.created_at),
        "expires_at": written(upload.expires_at),
    }
