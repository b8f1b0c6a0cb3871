"""The access audit: a table of what operators read, and an index to find owners."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.models import Model

from echoes.adapters.dynamodb.attributes import InstantAttribute
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.records import OWNER, ById, RecordItem
from echoes.application.ports.access_audit import AdminRead
from echoes.domain.errors import Conflict, NotFound
from echoes.domain.identifiers import OwnerId


class AdminReadItem(Model):
    """An `AdminRead`, at ``DAY#<date>`` / ``<time>#<request>``; never changed or removed."""

    pk: UnicodeAttribute = UnicodeAttribute(hash_key=True)
    sk: UnicodeAttribute = UnicodeAttribute(range_key=True)
    admin_id: UnicodeAttribute = UnicodeAttribute()
    owner_id: UnicodeAttribute = UnicodeAttribute()
    route: UnicodeAttribute = UnicodeAttribute()
    resource_id: UnicodeAttribute = UnicodeAttribute()
    request_id: UnicodeAttribute = UnicodeAttribute()
    at: InstantAttribute = InstantAttribute()
    reason: UnicodeAttribute = UnicodeAttribute(null=True)


class DynamoAccessAudit:
    """The port `AccessAudit`. The role that writes it may only put items."""

    def __init__(self, records: str, audit: str, connection: Connection) -> None:
        self._records = bind(RecordItem, records, connection)
        self._audit = bind(AdminReadItem, audit, connection)

    def owner_of(self, resource_id: str) -> OwnerId:
        """Return the owner of a clip or an upload. Raises `NotFound`."""
        index = ById.Meta.index_name
        with translated():
            for item in self._records.query(resource_id, index_name=index, limit=1):
                return OwnerId(item.pk.removeprefix(OWNER))
        raise NotFound("clip or upload not found")

    def note(self, read: AdminRead) -> None:
        """Store *read*; repeating the same request changes nothing. Raises `Unavailable`."""
        item = self._audit(
            f"DAY#{read.at:%Y-%m-%d}",
            f"{read.at.isoformat()}#{read.request_id}",
            admin_id=read.admin_id,
            owner_id=read.owner_id,
            route=read.route,
            resource_id=read.resource_id,
            request_id=read.request_id,
            at=read.at,
            reason=read.reason,
        )
        try:
            with translated():
                item.save(condition=self._audit.pk.does_not_exist())
        except Conflict:
            return
