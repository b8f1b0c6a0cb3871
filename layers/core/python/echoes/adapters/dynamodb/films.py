"""
Films, kept in the records table.

``OWNER#<owner>`` / ``FILM#<film>``; ``FILMS#<project>#<film>`` lists those of a project, and
``NEWEST#FILM#<project>`` says which one was ordered last. ``ACTIVE#FILM`` names the few that may
be under way; its version counts orders, so that of two at once one is refused.
"""

import zlib
from collections.abc import Sequence
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
from echoes.adapters.dynamodb.records import (
    DUE_PARTITIONS,
    OWNER,
    DueIndex,
    RecordItem,
    map_of,
    owner_key,
    stored,
    values_of,
)
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import NotFound
from echoes.domain.films.film import (
    Film,
    FilmClip,
    FilmMedia,
    FilmMusic,
    FilmRef,
    FilmStage,
    FilmStatus,
)
from echoes.domain.films.limits import ActiveFilms
from echoes.domain.identifiers import FilmId, OwnerId, ProjectId

FILM: Final = "FILM#"
OF_PROJECT: Final = "FILMS#"
NEWEST: Final = "NEWEST#FILM#"
ACTIVE_FILMS: Final = "ACTIVE#FILM"


class FilmClipMap(MapAttribute[str, Any]):
    """A `FilmClip`."""

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


class FilmItem(RecordItem):
    """A `Film`; watched (``due_at``) until it has ended."""

    owner_id: UnicodeAttribute = UnicodeAttribute()
    film_id: UnicodeAttribute = UnicodeAttribute()
    project_id: UnicodeAttribute = UnicodeAttribute()
    project_version: IntAttribute = IntAttribute()
    title: UnicodeAttribute = UnicodeAttribute()
    ratio: EnumAttribute[Ratio] = EnumAttribute(Ratio)
    clips: ListAttribute[FilmClipMap] = ListAttribute(of=FilmClipMap)
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


class FilmNameItem(RecordItem):
    """A film's name at another place: among its project's, or as the one ordered last."""

    film_id: UnicodeAttribute = UnicodeAttribute()


class ActiveFilmsItem(RecordItem):
    """The `ActiveFilms` of an owner, by id."""

    film_ids: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute)
    version: IntAttribute = IntAttribute()


class DynamoFilms:
    """The ports `Films`, `FilmsInProgress` and `ProjectFilms`, in one item a film."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._connection = connection
        self._film = bind(FilmItem, table, connection)
        self._name = bind(FilmNameItem, table, connection)
        self._active_films = bind(ActiveFilmsItem, table, connection)

    def get(self, owner_id: OwnerId, film_id: FilmId) -> Film:
        """Return the film. Raises `NotFound`."""
        with translated():
            try:
                item = self._film.get(owner_key(owner_id), f"{FILM}{film_id}", consistent_read=True)
            except DoesNotExist as absent:
                raise NotFound("film not found") from absent
        return _from_item(item)

    def newest(self, owner_id: OwnerId, project_id: ProjectId) -> Film | None:
        """Return the project's film that was ordered last: two reads."""
        with translated():
            try:
                place = self._name.get(
                    owner_key(owner_id), f"{NEWEST}{project_id}", consistent_read=True
                )
            except DoesNotExist:
                return None
        return self.get(owner_id, FilmId(place.film_id))

    def save(self, film: Film) -> None:
        """Store *film*. Raises `Conflict` if it was written or removed since it was read."""
        with translated():
            _to_item(film, self._film).save(condition=self._film.version == film.version - 1)

    def due(self, *, at: datetime, limit: int) -> Sequence[FilmRef]:
        """Return films whose time to be looked at has come, oldest first."""
        with translated():
            due = [
                item
                for part in range(DUE_PARTITIONS)
                for item in self._film.query(
                    f"{FILM}{part}",
                    self._film.due_at <= at,
                    index_name=DueIndex.Meta.index_name,
                    limit=limit,
                )
            ]
        due.sort(key=lambda item: item.due_at)
        return [
            FilmRef(
                owner_id=OwnerId(item.pk.removeprefix(OWNER)),
                film_id=FilmId(item.sk.removeprefix(FILM)),
            )
            for item in due[:limit]
        ]

    def of_owner(self, owner_id: OwnerId) -> ActiveFilms:
        """Return the active films: their version first, so that a later order is noticed."""
        with translated():
            try:
                kept = self._active_films.get(
                    owner_key(owner_id), ACTIVE_FILMS, consistent_read=True
                )
            except DoesNotExist:
                return ActiveFilms()
        films = self._films(owner_id, kept.film_ids)
        return ActiveFilms(films=tuple(films), version=kept.version)

    def add(self, film: Film, active_films: ActiveFilms) -> None:
        """Store the new *film* with its owner's *active_films*; see the port."""
        model, owner = self._active_films, owner_key(film.owner_id)
        film_ids = [each.film_id for each in active_films.films]
        unchanged = (
            model.version == active_films.version - 1
            if active_films.version > 1
            else model.pk.does_not_exist()
        )
        with translated(), TransactWrite(connection=self._connection) as transaction:
            transaction.save(_to_item(film, self._film), condition=self._film.pk.does_not_exist())
            transaction.save(self._place_of(film))
            transaction.save(self._name(owner, f"{NEWEST}{film.project_id}", film_id=film.film_id))
            transaction.save(
                model(owner, ACTIVE_FILMS, film_ids=film_ids, version=active_films.version),
                condition=unchanged,
            )

    def of_project(self, owner_id: OwnerId, project_id: ProjectId, *, limit: int) -> Sequence[Film]:
        """Return up to *limit* of them, by name: reads that many of the project's and no others."""
        with translated():
            places = self._name.query(
                owner_key(owner_id),
                self._name.sk.startswith(f"{OF_PROJECT}{project_id}#"),
                consistent_read=True,
                limit=limit,
            )
            film_ids = [place.film_id for place in places]
        return self._films(owner_id, film_ids)

    def erase(self, owner_id: OwnerId, project_id: ProjectId, films: Sequence[Film]) -> None:
        """Remove *films*, each with its place; whatever stops it, the rest is found again."""
        with translated():
            for film in films:
                with TransactWrite(connection=self._connection) as transaction:
                    transaction.delete(self._film(owner_key(owner_id), f"{FILM}{film.film_id}"))
                    transaction.delete(self._place_of(film))
            self._name(owner_key(owner_id), f"{NEWEST}{project_id}").delete()

    def _films(self, owner_id: OwnerId, film_ids: Sequence[str]) -> list[Film]:
        """Return those of the owner's films that are there, in the order of their names."""
        keys = [(owner_key(owner_id), f"{FILM}{film_id}") for film_id in film_ids]
        with translated():
            items = self._film.batch_get(keys, consistent_read=True) if keys else ()
            found = {item.sk: item for item in items}
        return [_from_item(found[key]) for _, key in keys if key in found]

    def _place_of(self, film: Film) -> FilmNameItem:
        """Return where the film is listed among those of its project."""
        place = f"{OF_PROJECT}{film.project_id}#{film.film_id}"
        return self._name(owner_key(film.owner_id), place, film_id=film.film_id)


def _to_item(film: Film, model: type[FilmItem]) -> FilmItem:
    values = values_of(film)
    values["clips"] = [map_of(FilmClipMap, clip) for clip in film.clips]
    if film.music is not None:
        values["music"] = map_of(FilmMusicMap, film.music)
    if film.media is not None:
        values["media"] = map_of(FilmMediaMap, film.media)
    item = model(owner_key(film.owner_id), f"{FILM}{film.film_id}", id=film.film_id, **values)
    if film.due_at is not None:
        item.due_partition = f"{FILM}{zlib.crc32(film.film_id.encode()) % DUE_PARTITIONS}"
    return item


def _from_item(item: FilmItem) -> Film:
    values = stored(item, Film)
    values["clips"] = tuple(FilmClip(**stored(clip, FilmClip)) for clip in item.clips)
    if item.music is not None:
        values["music"] = FilmMusic(**stored(item.music, FilmMusic))
    if item.media is not None:
        values["media"] = FilmMedia(**stored(item.media, FilmMedia))
    return Film(**values)
