"""
Uploaded music in the records table.

``OWNER#<owner>`` / ``MUSIC#<piece>``; ``LIBRARY#MUSIC`` counts all additions, so one of two
concurrent additions is refused.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from pynamodb.attributes import MapAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from echoes.adapters.dynamodb.attributes import (
    EnumAttribute,
    FloatAttribute,
    InstantAttribute,
    IntAttribute,
    WholesAttribute,
)
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.records import RecordItem, epoch_seconds, owner_key
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import MusicUploadId, OwnerId
from echoes.domain.music.uploads import Library, MusicFault, MusicUpload, OwnTrack, Rights
from echoes.domain.uploads import UploadState

MUSIC: Final = "MUSIC#"
LIBRARY: Final = "LIBRARY#MUSIC"


class RightsMap(MapAttribute[str, Any]):
    """A `Rights`."""

    confirmed_at: InstantAttribute = InstantAttribute()
    version: UnicodeAttribute = UnicodeAttribute()


class OwnTrackMap(MapAttribute[str, Any]):
    """An `OwnTrack`."""

    sha256: UnicodeAttribute = UnicodeAttribute()
    bytes: IntAttribute = IntAttribute()
    duration_seconds: FloatAttribute = FloatAttribute()
    profile: WholesAttribute = WholesAttribute()


class MusicUploadItem(RecordItem):
    """A `MusicUpload`."""

    owner_id: UnicodeAttribute = UnicodeAttribute()
    music_id: UnicodeAttribute = UnicodeAttribute()
    title: UnicodeAttribute = UnicodeAttribute()
    content_type: UnicodeAttribute = UnicodeAttribute()
    declared_bytes: IntAttribute = IntAttribute()
    rights: RightsMap = RightsMap()  # type: ignore[no-untyped-call]  # PynamoDB
    created_at: InstantAttribute = InstantAttribute()
    expires_at: InstantAttribute = InstantAttribute()
    declared_sha256: UnicodeAttribute = UnicodeAttribute(null=True)
    state: EnumAttribute[UploadState] = EnumAttribute(UploadState)
    fault: EnumAttribute[MusicFault] = EnumAttribute(MusicFault, null=True)
    track: OwnTrackMap = OwnTrackMap(null=True)  # type: ignore[no-untyped-call]  # PynamoDB
    version: IntAttribute = IntAttribute()


class LibraryItem(RecordItem):
    """How many pieces were ever added to an owner's library."""

    version: IntAttribute = IntAttribute()


class DynamoMusicUploads:
    """The port `MusicUploads`. Rows of rejected and undecided pieces expire."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._connection = connection
        self._model = bind(MusicUploadItem, table, connection)
        self._library = bind(LibraryItem, table, connection)

    def get(self, owner_id: OwnerId, music_id: MusicUploadId) -> MusicUpload:
        """Return the piece. Raises `NotFound`."""
        with translated():
            try:
                item = self._model.get(
                    owner_key(owner_id), f"{MUSIC}{music_id}", consistent_read=True
                )
            except DoesNotExist as absent:
                raise NotFound("music not found") from absent
        return _from_item(item)

    def library(self, owner_id: OwnerId) -> Library:
        """Return all pieces of an owner. The count is read first, to notice a later addition."""
        with translated():
            try:
                version = self._library.get(
                    owner_key(owner_id), LIBRARY, consistent_read=True
                ).version
            except DoesNotExist:
                version = 0
            items = list(
                self._model.query(
                    owner_key(owner_id), self._model.sk.startswith(MUSIC), consistent_read=True
                )
            )
        pieces = sorted(
            map(_from_item, items), key=lambda each: (each.created_at, each.music_id), reverse=True
        )
        return Library(pieces=tuple(pieces), version=version)

    def add(
        self, upload: MusicUpload, *, library: Library, leaving: Sequence[MusicUpload] = ()
    ) -> None:
        """Store a new piece and remove others; see the port."""
        model, counted = self._model, self._library
        unchanged = (
            counted.version == library.version if library.version else counted.pk.does_not_exist()
        )
        with translated(), TransactWrite(connection=self._connection) as transaction:
            for each in leaving:
                transaction.delete(
                    model(owner_key(each.owner_id), f"{MUSIC}{each.music_id}"),
                    condition=model.version == each.version,
                )
            transaction.save(_to_item(upload, model), condition=model.pk.does_not_exist())
            transaction.save(
                counted(owner_key(upload.owner_id), LIBRARY, version=library.version + 1),
                condition=unchanged,
            )

    def save(self, upload: MusicUpload) -> None:
        """Store *upload*. Raises `Conflict` if it was written or removed since it was read."""
        with translated():
            _to_item(upload, self._model).save(condition=self._model.version == upload.version - 1)

    def remove(self, upload: MusicUpload) -> None:
        """Remove *upload*. Raises `Conflict` if it was written or removed since it was read."""
        with translated():
            self._model(owner_key(upload.owner_id), f"{MUSIC}{upload.music_id}").delete(
                condition=self._model.version == upload.version
            )


def _to_item(upload: MusicUpload, model: type[MusicUploadItem]) -> MusicUploadItem:
    values = _values(upload)
    values["rights"] = RightsMap(**_values(upload.rights))  # type: ignore[no-untyped-call]  # PynamoDB
    if upload.track is not None:
        values["track"] = OwnTrackMap(**_values(upload.track))  # type: ignore[no-untyped-call]  # PynamoDB
    item = model(
        owner_key(upload.owner_id), f"{MUSIC}{upload.music_id}", id=upload.music_id, **values
    )
    if upload.forget_at is not None:
        item.expires = epoch_seconds(upload.forget_at)
    return item


def _from_item(item: MusicUploadItem) -> MusicUpload:
    stored = _named(item, MusicUpload) | {"rights": Rights(**_named(item.rights, Rights))}
    if item.track is not None:
        stored["track"] = OwnTrack(**_named(item.track, OwnTrack))
    return MusicUpload(**stored)


def _values(entity: Any) -> dict[str, Any]:  # noqa: ANN401  # any dataclass of the domain
    return _named(entity, type(entity))


def _named(item: Any, kind: type[Any]) -> dict[str, Any]:  # noqa: ANN401  # any model or map
    return {field.name: getattr(item, field.name) for field in fields(kind)}
