"""Reading your own resources; admins also read and change others', with an audit record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from echoes.application.ports.access_audit import AccessAudit, AdminRead
from echoes.application.ports.clock import Clock
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import OwnerId
from echoes.http.identity import Caller, require_admin, require_caller
from echoes.http.request import Request

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedReads:
    """Finds resources for their owners and for admins."""

    access_audit: AccessAudit
    clock: Clock

    def find(self, request: Request, resource_id: str, look: Callable[[OwnerId], T]) -> T:
        """
        Return what *look* finds for the caller or, for an admin, for the owner.

        An admin's read of another user's resource is recorded before anything is shown (SE3).

        Raises:
            NotFound: It does not exist, or belongs to somebody else.
            Unavailable: The read could not be recorded.
        """
        caller = require_caller(request.caller)
        try:
            return look(caller.subject)
        except NotFound:
            if not caller.is_admin:
                raise
        owner_id = self.access_audit.owner_of(resource_id)
        self.access_audit.note(
            AdminRead(
                admin_id=caller.subject,
                owner_id=owner_id,
                route=request.route,
                resource_id=resource_id,
                request_id=request.request_id,
                at=self.clock.now(),
            )
        )
        return look(owner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedActions:
    """Lets operators read and change users' resources once it is recorded."""

    access_audit: AccessAudit
    clock: Clock

    def operator(self, request: Request) -> Caller:
        """Return the operator who calls. Raises `Unauthorized` or `Forbidden`."""
        return require_admin(request.caller)

    def note(
        self, request: Request, owner_id: OwnerId, *, resource_id: str, reason: str | None = None
    ) -> None:
        """Record the planned action. If this raises `Unavailable`, the action must not be done."""
        self.access_audit.note(
            AdminRead(
                admin_id=self.operator(request).subject,
                owner_id=owner_id,
                route=request.route,
                resource_id=resource_id,
                request_id=request.request_id,
                at=self.clock.now(),
                reason=reason,
            )
        )
