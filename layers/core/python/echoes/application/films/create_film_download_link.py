"""Use case: the owner downloads a film."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from echoes.application.links import LINK_LIFETIME
from echoes.application.ports.clips import Clips
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.ports.films import Films
from echoes.application.ports.media import MediaLinks
from echoes.application.ports.projects import Projects
from echoes.domain.clips.clip import price_of
from echoes.domain.errors import FilmBusy, FilmNotPaid, NotFound
from echoes.domain.films.film import Film, FilmStatus
from echoes.domain.films.order import unpaid_clips
from echoes.domain.identifiers import Credits, FilmId, OwnerId

UNFIT: Final = re.compile(r"[\x00-\x1f\x7f/\\]+")
"""Characters that no file name may contain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmLink:
    """Where the file can be fetched until ``expires_at``."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFilmDownloadLink:
    """Sign a link to a film, for the owner alone, and only while all of it is paid (PF7)."""

    projects: Projects
    films: Films
    clips: Clips
    ledger: Ledger
    media: MediaLinks
    """The clips bucket."""

    clock: Clock

    def __call__(self, owner_id: OwnerId, film_id: FilmId) -> FilmLink:
        """
        Return the link; it lives 3,600 s and may be asked for again.

        Clips that were deleted since then were paid for when the film was ordered.

        Raises:
            NotFound: There is no such film, it failed, or its project was deleted.
            FilmBusy: It is still being assembled.
            FilmNotPaid: Some of its clips are not paid for.
        """
        film = self.films.get(owner_id, film_id)
        if not film.ended:
            raise FilmBusy("this film is still being made")
        if film.media is None or film.status is not FilmStatus.COMPLETED:
            raise NotFound("this film could not be made, so there is no file")
        self.projects.get(owner_id, film.project_id)
        self._require_paid(film)
        at = self.clock.now()
        url = self.media.link(film.media.key, lifetime=LINK_LIFETIME, filename=_filename(film))
        return FilmLink(url=url, expires_at=at + LINK_LIFETIME)

    def _require_paid(self, film: Film) -> None:
        clips = self.clips.get_many(film.owner_id, [clip.clip_id for clip in film.clips])
        unpaid = unpaid_clips(film, clips)
        if unpaid:
            raise FilmNotPaid(
                clip_ids=[clip.clip_id for clip in unpaid],
                project_id=film.project_id,
                required=Credits(sum(price_of(clip.duration_seconds) for clip in unpaid)),
                available=self.ledger.account(film.owner_id).available,
            )


def _filename(film: Film) -> str:
    return f"{UNFIT.sub(' ', film.title).strip() or 'Echoes'}.mp4"
