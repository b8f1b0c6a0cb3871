"""The port of the access audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from echoes.domain.identifiers import OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRead:
    """A record that an admin read (SE3) or is about to change a user's resource."""

    admin_id: OwnerId
    owner_id: OwnerId
    route: str
    resource_id: str
    request_id: str
    at: datetime
    reason: str | None = None
    """The reason, if something is about to be changed."""


class AccessAudit(Protocol):
    """What admins need: find other users' resources, and record each access."""

    def owner_of(self, resource_id: str) -> OwnerId:
        """Return the owner of a clip or an upload. Raises `NotFound`. May lag a little."""
        ...

    def note(self, read: AdminRead) -> None:
        """Store *read* permanently. Raises `Unavailable`, and then nothing may be shown."""
        ...
