"""The owners of things and the reads of admins, in memory."""

from dev.fakes.clips import InMemoryClips
from dev.fakes.films import InMemoryFilms
from dev.fakes.music import InMemoryMusicUploads
from dev.fakes.purchases import InMemoryOrders
from dev.fakes.uploads import InMemoryUploads
from echoes.application.ports.access_audit import AdminRead
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import OwnerId


class InMemoryAccessAudit:
    """The port `AccessAudit`; ``reads`` is what was recorded, in order."""

    def __init__(
        self,
        clips: InMemoryClips,
        uploads: InMemoryUploads,
        orders: InMemoryOrders | None = None,
        films: InMemoryFilms | None = None,
        music: InMemoryMusicUploads | None = None,
    ) -> None:
        self._clips = clips
        self._uploads = uploads
        self._orders = orders or InMemoryOrders()
        self._films = films or InMemoryFilms()
        self._music = music or InMemoryMusicUploads()
        self.reads: list[AdminRead] = []

    def owner_of(self, resource_id: str) -> OwnerId:
        """Return whose clip, upload, order, film or music it is. Raises `NotFound`."""
        owner = (
            self._clips.owner_of(resource_id)
            or self._uploads.owner_of(resource_id)
            or self._orders.owner_of(resource_id)
            or self._films.owner_of(resource_id)
            or self._music.owner_of(resource_id)
        )
        if owner is None:
            raise NotFound("clip or upload not found")
        return owner

    def note(self, read: AdminRead) -> None:
        """Remember *read*; the same request noted again changes nothing."""
        if (read.at, read.request_id) not in {(seen.at, seen.request_id) for seen in self.reads}:
            self.reads.append(read)
