"""
A film as the API shows it.

By hand and without pydantic: the function that is asked every five seconds imports this.
"""

from typing import Any

from echoes.application.films.view_film import FilmView
from echoes.domain.error_catalogue import CATALOGUE
from echoes.domain.films.film import Film
from echoes.http.clips.views import POLL_SECONDS
from echoes.http.times import written, written_if_any


def film_body(view: FilmView) -> dict[str, Any]:
    """Return the film's fields."""
    film, media = view.film, view.film.media if view.film.ended else None
    width, height = film.ratio.size
    return {
        "id": film.film_id,
        "project_id": film.project_id,
        "project_version": film.project_version,
        "title": film.title,
        "status": film.status.value,
        "stage": film.stage.value,
        "progress": round(film.progress, 3),
        "clip_ids": [clip.clip_id for clip in film.clips],
        "ratio": film.ratio.value,
        "width": width,
        "height": height,
        "transition": film.transition.value,
        "title_card": film.title_card,
        "music_track_id": film.music_track_id,
        "duration_seconds": round(media.duration_seconds, 3) if media else None,
        "bytes": media.bytes if media else None,
        "assembly_seconds": media.assembly_seconds if media else None,
        "poster_url": view.poster_url,
        "preview_url": view.preview_url,
        "error": _error(film),
        "created_at": written(film.created_at),
        "updated_at": written(film.updated_at),
        "completed_at": written_if_any(film.completed_at),
    }


def film_waiting(film: Film) -> dict[str, str]:
    """Return the header that says when to ask again, as long as there is something to wait for."""
    return {} if film.ended else {"Retry-After": str(POLL_SECONDS)}


def _error(film: Film) -> dict[str, object] | None:
    if film.error_code is None:
        return None
    text = CATALOGUE[film.error_code]
    return {"code": film.error_code.value, "title": text.title, "retryable": text.retryable}
