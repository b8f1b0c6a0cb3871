"""The caller, as identified by the authorizer."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from echoes.domain.errors import Unauthorized
from echoes.domain.identifiers import OwnerId
from echoes.http.rejections import Forbidden

ADMIN_GROUP: Final = "admin"


class CallerKind(StrEnum):
    """The kind of caller."""

    USER = "user"
    GUEST = "guest"


class Audience(StrEnum):
    """Who may call a route."""

    ALL = "all"
    CALLERS = "guests and users"
    USERS = "users"
    ADMINS = "admins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A caller with a verified token. ``subject`` owns what they make."""

    subject: OwnerId
    kind: CallerKind
    groups: frozenset[str]

    @property
    def is_admin(self) -> bool:
        """Whether they may read other users' resources."""
        return self.kind is CallerKind.USER and ADMIN_GROUP in self.groups

    @property
    def is_guest(self) -> bool:
        """Whether they came without an account."""
        return self.kind is CallerKind.GUEST


def caller_of(authorizer: Mapping[str, object] | None) -> Caller | None:
    """Return the caller from the authorizer's context, or ``None`` on a public route."""
    context = authorizer or {}
    subject, kind = context.get("subject"), context.get("kind")
    if not isinstance(subject, str) or not subject or kind not in set(CallerKind):
        return None
    groups = str(context.get("groups") or "").split(",")
    return Caller(
        subject=OwnerId(subject),
        kind=CallerKind(str(kind)),
        groups=frozenset(group for group in groups if group),
    )


def admit(caller: Caller | None, audience: Audience) -> None:
    """Let callers of the *audience* pass. Raises `Unauthorized` or `Forbidden` for others."""
    match audience:
        case Audience.ALL:
            pass
        case Audience.CALLERS:
            require_caller(caller)
        case Audience.USERS:
            require_user(caller)
        case Audience.ADMINS:
            require_admin(caller)


def require_caller(caller: Caller | None) -> Caller:
    """Return the caller. Raises `Unauthorized` when there is none."""
    if caller is None:
        raise Unauthorized("this route needs a token")
    return caller


def require_user(caller: Caller | None) -> Caller:
    """Return a caller who has an account. Raises `Unauthorized`, or `Forbidden` for guests."""
    found = require_caller(caller)
    if found.is_guest:
        raise Forbidden("this needs an account; sign up first")
    return found


def require_admin(caller: Caller | None) -> Caller:
    """Return an admin. Raises `Unauthorized`, or `Forbidden` for everybody else."""
    found = require_caller(caller)
    if not found.is_admin:
        raise Forbidden("only operators may do this")
    return found
