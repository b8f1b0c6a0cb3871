"""
Films, kept in the studio table.

``OWNER#<owner>`` / ``FILM#<film>``; ``NEWEST#FILM#<project>`` says which one was ordered last.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from pynamodb.attributes import ListAttribute, MapAttribute, UnicodeAttribute
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
from echoes.adapters.dynamodb.items import (
    OWNER,
    WATCH_PARTITIONS,
    LookAfter,
    StudioItem,
    owner_key,
)
from echoes.domain.catalogue import ErrorCode
from echoes.domain.clips import Ratio
from echoes.domain.errors import NotFound
from echoes.domain.film_orders import (
    Film,
    FilmMedia,
    FilmMusic,
    FilmRef,
    FilmShot,
    FilmStage,
    FilmStatus,
)
from echoes.domain.films import Transition
from echoes.domain.identifiers import FilmId, OwnerId, ProjectId

FILM: Final = "FILM#"
NEWEST: Final = "NEWEST#FILM#"


class FilmShotMap(MapAttribute[str, Any]):
    """A `FilmShot`."""

    clip_id: UnicodeAttribute = UnicodeAttribute()
    attempt: IntAttribute = IntAttribute()
    master_key: UnicodeAttribute = UnicodeAttribute()
    sha256: UnicodeAttribute = UnicodeAttribute()
    signature: UnicodeAttribute = UnicodeAttribute()
    frames: IntAttribute = IntAttribute()
    width: IntAttribute = IntAttribute()
    height: IntAttribute = IntAttribute()


class FilmMusicMap(MapAttribute[str, Any]):
    """A `FilmMusic`."""

    key: UnicodeAttribute = UnicodeAttribute()
    sha256: UnicodeAttribute = UnicodeAttribute()
    profile: WholesAttribute = WholesAttribute()
    beat_frames: IntAttribute = IntAttribute(null=True)


class FilmMediaMap(MapAttribute[str, Any]):
    """A `FilmMedia`."""

    key: UnicodeAttribute = UnicodeAttribute()
    poster_key: UnicodeAttribute = UnicodeAttribute()
    preview_key: UnicodeAttribute = UnicodeAttribute()
    duration_seconds: FloatAttribute = FloatAttribute()
    frames: IntAttribute = IntAttribute()
    width: IntAttribute = IntAttribute()
    height: IntAttribute = IntAttribute()
    bytes: IntAttribute = IntAttribute()
    sha256: UnicodeAttribute = UnicodeAttribute()
    assembly_seconds: FloatAttribute = FloatAttribute()


class FilmItem(StudioItem):
    """A `Film`; watched (``look_after``) until it has ended."""

    owner_id: UnicodeAttribute = UnicodeAttribute()
    film_id: UnicodeAttribute = UnicodeAttribute()
    project_id: UnicodeAttribute = UnicodeAttribute()
    project_version: IntAttribute = IntAttribute()
    title: UnicodeAttribute = UnicodeAttribute()
    ratio: EnumAttribute[Ratio] = EnumAttribute(Ratio)
    shots: ListAttribute[FilmShotMap] = ListAttribute(of=FilmShotMap)
    transition: EnumAttribute[Transition] = EnumAttribute(Transition)
    title_card: UnicodeAttribute = UnicodeAttribute(null=True)
    music_track_id: UnicodeAttribute = UnicodeAttribute(null=True)
    created_at: InstantAttribute = InstantAttribute()
    updated_at: InstantAttribute = InstantAttribute()
    music: FilmMusicMap = FilmMusicMap(null=True)  # type: ignore[no-untyped-call]  # PynamoDB
    status: EnumAttribute[FilmStatus] = EnumAttribute(FilmStatus)
    stage: EnumAttribute[FilmStage] = EnumAttribute(FilmStage)
    progress: FloatAttribute = FloatAttribute()
    error_code: EnumAttribute[ErrorCode] = EnumAttribute(ErrorCode, null=True)
    media: FilmMediaMap = FilmMediaMap(null=True)  # type: ignore[no-untyped-call]  # PynamoDB
    completed_at: InstantAttribute = InstantAttribute(null=True)
    version: IntAttribute = IntAttribute()


class NewestItem(StudioItem):
    """Which film of a project was ordered last."""

    film_id: UnicodeAttribute = UnicodeAttribute()


class DynamoFilms:
    """The ports `Films` and `ProjectFilms`, in one item a film."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._connection = connection
        self._film = bind(FilmItem, table, connection)
        self._newest = bind(NewestItem, table, connection)

    def get(self, owner_id: OwnerId, film_id: FilmId) -> Film:
        """Return the film. Raises `NotFound`."""
        with translated():
            try:
                item = self._film.get(owner_key(owner_id), f"{FILM}{film_id}", consistent_read=True)
            except DoesNotExist as absent:
                raise NotFound("there is no such film") from absent
        return _from_item(item)

    def newest(self, owner_id: OwnerId, project_id: ProjectId) -> Film | None:
        """Return the project's film that was ordered last: two reads."""
        with translated():
            try:
                place = self._newest.get(
                    owner_key(owner_id), f"{NEWEST}{project_id}", consistent_read=True
                )
            except DoesNotExist:
                return None
        return self.get(owner_id, FilmId(place.film_id))

    def save(self, film: Film) -> None:
        """Store *film*; the first time, as the newest of its project too. Raises `Conflict`."""
        item = _to_item(film, self._film)
        if film.version > 1:
            with translated():
                item.save(condition=self._film.version == film.version - 1)
            return
        newest = self._newest(
            owner_key(film.owner_id), f"{NEWEST}{film.project_id}", film_id=film.film_id
        )
        with translated(), TransactWrite(connection=self._connection) as transaction:
            transaction.save(item, condition=self._film.pk.does_not_exist())
            transaction.save(newest)

    def to_look_after(self, *, at: datetime, limit: int) -> Sequence[FilmRef]:
        """Return films whose time to be looked at has come, oldest first."""
        with translated():
            due = [
                item
                for part in range(WATCH_PARTITIONS)
                for item in self._film.query(
                    f"{FILM}{part}",
                    self._film.look_after <= at,
                    index_name=LookAfter.Meta.index_name,
                    limit=limit,
                )
            ]
        due.sort(key=lambda item: item.look_after)
        return [
            FilmRef(
                owner_id=OwnerId(item.pk.removeprefix(OWNER)),
                film_id=FilmId(item.sk.removeprefix(FILM)),
            )
            for item in due[:limit]
        ]

    def of_project(self, owner_id: OwnerId, project_id: ProjectId) -> Sequence[Film]:
        """Return all of them: reads every film of the owner."""
        with translated():
            return [_from_item(item) for item in self._items(owner_id, project_id)]

    def erase(self, owner_id: OwnerId, project_id: ProjectId) -> None:
        """Remove all of them; whatever stops it, the rest goes when it is asked again."""
        with translated():
            for item in self._items(owner_id, project_id):
                item.delete()
            self._newest(owner_key(owner_id), f"{NEWEST}{project_id}").delete()

    def _items(self, owner_id: OwnerId, project_id: ProjectId) -> Iterator[FilmItem]:
        return self._film.query(
            owner_key(owner_id),
            self._film.sk.startswith(FILM),
            filter_condition=self._film.project_id == project_id,
            consistent_read=True,
        )


def _to_item(film: Film, model: type[FilmItem]) -> FilmItem:
    values = _values(film)
    values["shots"] = [
        FilmShotMap(**_values(shot))  # type: ignore[no-untyped-call]  # PynamoDB
        for shot in film.shots
    ]
    if film.music is not None:
        values["music"] = FilmMusicMap(**_values(film.music))  # type: ignore[no-untyped-call]  # PynamoDB
    if film.media is not None:
        values["media"] = FilmMediaMap(**_values(film.media))  # type: ignore[no-untyped-call]  # PynamoDB
    item = model(owner_key(film.owner_id), f"{FILM}{film.film_id}", id=film.film_id, **values)
    if film.look_after is not None:
        item.watch = f"{FILM}{zlib.crc32(film.film_id.encode()) % WATCH_PARTITIONS}"
    return item


def _from_item(item: FilmItem) -> Film:
    stored = {field.name: getattr(item, field.name) for field in fields(Film)}
    stored["shots"] = tuple(
        FilmShot(**{field.name: getattr(shot, field.name) for field in fields(FilmShot)})
        for shot in item.shots
    )
    if item.music is not None:
        stored["music"] = FilmMusic(
            **{field.name: getattr(item.music, field.name) for field in fields(FilmMusic)}
        )
    if item.media is not None:
        stored["media"] = FilmMedia(
            **{field.name: getattr(item.media, field.name) for field in fields(FilmMedia)}
        )
    return Film(**stored)


def _values(entity: Any) -> dict[str, Any]:  # noqa: ANN401  # any dataclass of the domain
    return {field.name: getattr(entity, field.name) for field in fields(entity)}
