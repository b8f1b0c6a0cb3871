"""Both stores of projects and batches keep what they are given."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pynamodb.connection import Connection

from dev.fakes.clips import InMemoryClips
from dev.fakes.credits import InMemoryLedger
from dev.fakes.uploads import InMemoryUploads
from echoes.adapters.dynamodb.clips.batches import DynamoBatches
from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.application.ports.clips import ClipChange, Clips
from echoes.application.ports.credits import Ledger
from echoes.application.ports.projects import Batches, DeletedProjects, ProjectRef, Projects
from echoes.application.ports.uploads import Uploads
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.ratios import Ratio
from echoes.domain.credits.accounts import AccountStatus, HoldStatus
from echoes.domain.credits.holds import divide, place_holds
from echoes.domain.credits.postings import adjust
from echoes.domain.errors import AccountFrozen, Conflict, InsufficientCredits, NotFound
from echoes.domain.identifiers import BatchId, ClipId, Credits, OwnerId, ProjectId, UploadId
from echoes.domain.projects.batches import Batch, BatchChange, BatchRef, finish, rest_hold
from echoes.domain.projects.project import (
    Arrangement,
    Look,
    Project,
    ProjectClip,
    add,
    create,
    delete,
)
from tests.support import factories
from tests.support.factories import NOON, a_clip, a_ready_upload, an_id, an_owner
from tests.support.ledger_books import assert_books_are_right
from tests.support.storage import CREDIT_ENTRIES, CREDIT_STATE, RECORDS

LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Stores:
    """What keeps projects, batches, clips and credits together."""

    projects: Projects
    deleted: DeletedProjects
    batches: Batches
    clips: Clips
    ledger: Ledger


@pytest.fixture(params=["fake", "dynamodb"], scope="module")
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "fake":
        clips = InMemoryClips()
        return Stores(
            projects=clips.projects,
            deleted=clips.projects,
            batches=clips.batches,
            clips=clips,
            ledger=InMemoryLedger(clips=clips),
        )
    connection: Connection = request.getfixturevalue("connection")
    projects = DynamoProjects(RECORDS, connection)
    return Stores(
        projects=projects,
        deleted=projects,
        batches=DynamoBatches(RECORDS, connection),
        clips=DynamoClips(RECORDS, connection),
        ledger=DynamoLedger(
            entries_table=CREDIT_ENTRIES,
            state_table=CREDIT_STATE,
            connection=connection,
            records_table=RECORDS,
        ),
    )


def a_project(owner: OwnerId | None = None, *, at: datetime = NOON) -> Project:
    project_id = ProjectId(an_id())
    return create(owner or an_owner(), project_id, title="Summer", look=Look(), at=at)


shots = st.builds(
    ProjectClip,
    clip_id=factories.ids.map(ClipId),
    taken_at=st.none() | factories.instants,
    attempt=st.none() | st.integers(1, 4),
)
projects = st.builds(
    Project,
    owner_id=st.builds(an_owner),
    project_id=factories.ids.map(ProjectId),
    title=factories.words,
    look=st.builds(
        Look,
        ratio=st.none() | st.sampled_from(Ratio),
        music_track_id=st.none() | factories.words,
        transition=st.sampled_from(Transition),
        title_card=st.none() | factories.words,
    ),
    created_at=factories.instants,
    updated_at=factories.instants,
    shots=st.lists(shots, max_size=4).map(tuple),
    removed=st.lists(shots, max_size=4).map(tuple),
    order=st.sampled_from(Arrangement),
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(project=projects)
def test_every_field_of_a_project_comes_back_exactly(stores: Stores, project: Project) -> None:
    """What was stored is what is read."""
    stores.projects.save(project)
    assert stores.projects.get(project.owner_id, project.project_id) == project


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(clips=st.lists(factories.clips(), max_size=3))
def test_every_field_of_a_batch_comes_back_exactly(stores: Stores, clips: list[object]) -> None:
    """The clips inside of it too."""
    batch = a_batch(an_owner(), clips=tuple(clips))
    stores.batches.save(batch)
    assert stores.batches.get(batch.owner_id, batch.batch_id) == batch


def a_batch(owner: OwnerId, *, at: datetime = NOON, **changes: object) -> Batch:
    batch = Batch(
        owner_id=owner,
        batch_id=BatchId(an_id()),
        project_id=ProjectId(an_id()),
        clips=(),
        created_at=at,
        due_at=at,
    )
    return replace(batch, **changes)  # type: ignore[arg-type]


def test_a_project_is_found_by_its_owner_only(stores: Stores) -> None:
    """SE2: for others it does not exist."""
    project = a_project()
    stores.projects.save(project)
    with pytest.raises(NotFound):
        stores.projects.get(an_owner(), project.project_id)


def test_of_two_edits_of_one_version_the_second_is_refused(stores: Stores) -> None:
    """Nothing is lost, also when a project is made twice."""
    project = a_project()
    stores.projects.save(project)
    for again in (project, replace(project, version=3)):
        with pytest.raises(Conflict):
            stores.projects.save(again)
    edited = replace(project, title="Autumn", version=2)
    stores.projects.save(edited)
    with pytest.raises(Conflict):
        stores.projects.save(replace(project, title="Winter", version=2))
    assert stores.projects.get(project.owner_id, project.project_id) == edited


def test_projects_are_listed_newest_first_page_by_page(stores: Stores) -> None:
    """Pages join without a gap or a repeat; editing moves nothing, deleting takes away."""
    owner = an_owner()
    made = [a_project(owner, at=NOON + timedelta(microseconds=number)) for number in range(7)]
    for project in made:
        stores.projects.save(project)
    stores.projects.save(a_project())
    stores.projects.save(replace(made[2], title="Edited", version=2))
    stores.projects.save(delete(made[4], at=NOON))
    found: list[str] = []
    before: int | None = None
    while True:
        page = stores.projects.page(owner, before=before, limit=2)
        assert len(page.projects) <= 2
        found += [project.title + project.project_id for project in page.projects]
        before = page.next_before
        if before is None:
            break
    left = [project for number, project in enumerate(made) if number != 4]
    titles = ["Edited" if project is made[2] else "Summer" for project in left]
    wanted = [title + project.project_id for title, project in zip(titles, left, strict=True)]
    assert found == wanted[::-1]
    assert stores.projects.page(owner, before=None, limit=6).next_before is None
    assert not stores.projects.page(an_owner(), before=None, limit=100).projects
    for limit in (0, 101):
        with pytest.raises(ValueError, match="100"):
            stores.projects.page(owner, before=None, limit=limit)


def test_no_two_projects_begin_in_the_same_moment(stores: Stores) -> None:
    """It is the position in the list; the slower one takes the next moment."""
    owner = an_owner()
    stores.projects.save(a_project(owner))
    with pytest.raises(Conflict):
        stores.projects.save(a_project(owner))
    stores.projects.save(a_project())


def test_a_deleted_project_is_found_by_the_sweep_a_day_later(stores: Stores) -> None:
    """PF5: gone for its owner at once, erased after its retention, once."""
    project = a_project(at=LONG_AGO)
    stores.projects.save(project)
    which = ProjectRef(owner_id=project.owner_id, project_id=project.project_id)
    with pytest.raises(NotFound):
        stores.deleted.get_deleted(which.owner_id, which.project_id)
    gone = delete(project, at=LONG_AGO)
    stores.projects.save(gone)
    with pytest.raises(NotFound):
        stores.projects.get(project.owner_id, project.project_id)
    assert stores.deleted.get_deleted(which.owner_id, which.project_id) == gone
    early = LONG_AGO + timedelta(hours=23)
    assert not stores.deleted.due(at=early, limit=10)
    assert list(stores.deleted.due(at=LONG_AGO + YEAR, limit=10)) == [which]
    for _ in range(2):
        stores.deleted.erase(gone)
    assert not stores.deleted.due(at=LONG_AGO + YEAR, limit=10)
    with pytest.raises(NotFound):
        stores.deleted.get_deleted(which.owner_id, which.project_id)


def test_a_batch_is_due_until_it_is_finished(stores: Stores) -> None:
    """Oldest first; a finished one keeps no clips."""
    owner = an_owner()
    batches = [a_batch(owner, at=LONG_AGO + timedelta(hours=hour)) for hour in (2, 1, 3)]
    for batch in batches:
        stores.batches.save(batch)
    refs = [BatchRef(owner_id=owner, batch_id=batches[n].batch_id) for n in (1, 0, 2)]
    assert list(stores.batches.due(at=LONG_AGO + YEAR, limit=10)) == refs
    assert list(stores.batches.due(at=LONG_AGO + YEAR, limit=1)) == refs[:1]
    assert not stores.batches.due(at=LONG_AGO, limit=10)
    for batch in batches:
        stores.batches.save(finish(batch))
        with pytest.raises(Conflict):
            stores.batches.save(finish(batch))
    assert not stores.batches.due(at=LONG_AGO + YEAR, limit=10)
    assert stores.batches.get(owner, batches[0].batch_id) == finish(batches[0])
    assert stores.batches.get(an_owner(), batches[0].batch_id) is None


def test_many_clips_are_read_at_once_in_the_order_asked_for(stores: Stores) -> None:
    """More than one DynamoDB read; missing, deleted and other owners' clips are left out."""
    owner = an_owner()
    made = [a_clip(owner_id=owner) for _ in range(5)]
    for clip in made:
        stores.clips.save(ClipChange(clip=clip))
    stores.clips.save(ClipChange(clip=replace(made[3], deleted_at=NOON, version=2)))
    asked = [made[4], made[3], made[0], a_clip(), made[2], made[0]]
    names = [clip.clip_id for clip in asked] + [ClipId(an_id()) for _ in range(120)]
    assert list(stores.clips.get_many(owner, names)) == [made[4], made[0], made[2]]
    assert not stores.clips.get_many(an_owner(), [made[0].clip_id])
    assert not stores.clips.get_many(owner, [])


def test_many_uploads_are_read_at_once_in_the_order_asked_for(
    request: pytest.FixtureRequest, stores: Stores
) -> None:
    """Missing uploads and other owners' uploads are left out."""
    uploads: Uploads = InMemoryUploads()
    if isinstance(stores.projects, DynamoProjects):
        uploads = DynamoUploads(RECORDS, request.getfixturevalue("connection"))
    owner = an_owner()
    made = [a_ready_upload(owner_id=owner, upload_id=UploadId(an_id())) for _ in range(3)]
    theirs = a_ready_upload(upload_id=UploadId(an_id()))
    uploads.add([*made, theirs])
    asked = [made[2], theirs, made[0], made[2]]
    names = [upload.upload_id for upload in asked]
    assert list(uploads.get_many(owner, [*names, UploadId(an_id())])) == [made[2], made[0]]
    assert not uploads.get_many(owner, [])


def test_a_clip_and_its_project_change_together_or_not_at_all(stores: Stores) -> None:
    """A project that was written since keeps the clip out, and the other way round."""
    project = a_project()
    stores.projects.save(project)
    clip = a_clip(owner_id=project.owner_id)
    together = add(project, [ProjectClip(clip_id=clip.clip_id)], at=NOON)
    with pytest.raises(Conflict):
        stores.clips.save(ClipChange(clip=clip, project=replace(together, version=5)))
    assert not stores.clips.get_many(clip.owner_id, [clip.clip_id])
    with pytest.raises(Conflict):
        stores.clips.save(ClipChange(clip=replace(clip, version=2), project=together))
    assert stores.projects.get(project.owner_id, project.project_id) == project
    stores.clips.save(ClipChange(clip=clip, project=together))
    assert stores.projects.get(project.owner_id, project.project_id) == together


def an_account(stores: Stores, amount: int) -> OwnerId:
    owner = an_owner()
    account = stores.ledger.account(owner)
    stores.ledger.post(
        adjust(
            account,
            reference=an_id(),
            amount=Credits(amount),
            at=NOON,
            actor="test",
            reason="a start",
        )
    )
    return owner


Spoil = Callable[[BatchChange], BatchChange]


def order(
    stores: Stores, owner: OwnerId, number: int, *, spoil: Spoil | None = None
) -> BatchChange:
    """Place the holds of *number* clips in one commit with all that belongs to them."""
    clips = tuple(a_clip(owner_id=owner) for _ in range(number))
    amounts = {clip.attempt.hold_id: clip.attempt.credits for clip in clips}
    first, *others = place_holds(
        stores.ledger.account(owner), amounts, expires_at=NOON + YEAR, at=NOON
    )
    change = BatchChange(
        postings=tuple(others),
        clips=clips,
        project=a_project(owner),
        batch=a_batch(owner, due_at=NOON + 100 * YEAR),
    )
    change = spoil(change) if spoil else change
    stores.ledger.post(first, alongside=change)
    return change


def test_a_batch_is_one_commit(stores: Stores) -> None:
    """Thirty-two holds, their clips, the project and the batch: everything at once."""
    owner = an_account(stores, 32)
    change = order(stores, owner, 32)
    holds = [clip.attempt.hold_id for clip in change.clips]
    assert_books_are_right(stores.ledger, owner, holds)
    account = stores.ledger.account(owner)
    assert (account.available, account.held) == (0, 32)
    assert len(stores.clips.get_many(owner, [clip.clip_id for clip in change.clips])) == 32
    assert change.project is not None
    assert stores.projects.get(owner, change.project.project_id) == change.project
    assert change.batch is not None
    assert stores.batches.get(owner, change.batch.batch_id) == change.batch


def _another_clip(change: BatchChange) -> BatchChange:
    return replace(change, clips=(*change.clips[:-1], replace(change.clips[-1], version=2)))


def _another_project(change: BatchChange) -> BatchChange:
    assert change.project is not None
    return replace(change, project=replace(change.project, version=2))


def _another_batch(change: BatchChange) -> BatchChange:
    assert change.batch is not None
    return replace(change, batch=replace(change.batch, version=2))


@pytest.mark.parametrize("spoil", [_another_clip, _another_project, _another_batch])
def test_whatever_stands_in_the_way_of_a_batch_stops_all_of_it(
    stores: Stores, spoil: Spoil
) -> None:
    """Not a credit is held, and not a clip made."""
    owner = an_account(stores, 5)
    with pytest.raises(Conflict):
        order(stores, owner, 4, spoil=spoil)
    account = stores.ledger.account(owner)
    assert (account.seq, account.available, account.held) == (1, 5, 0)
    assert not stores.projects.page(owner, before=None, limit=1).projects


def test_a_batch_that_costs_too_much_is_told_as_a_whole(stores: Stores) -> None:
    """PF2: required and available are those of all clips together."""
    owner = an_account(stores, 3)
    with pytest.raises(InsufficientCredits) as refused:
        order(stores, owner, 4)
    assert (refused.value.required, refused.value.available) == (4, 3)


def test_a_hold_is_divided_without_a_credit_becoming_free(stores: Stores) -> None:
    """The parts are the whole; also on a frozen account, because they were set aside before."""
    owner, rest = an_account(stores, 7), rest_hold(BatchId(an_id()))
    later = NOON + YEAR
    (whole,) = place_holds(
        stores.ledger.account(owner), {rest: Credits(5)}, expires_at=later, at=NOON
    )
    stores.ledger.post(whole)
    clips = tuple(a_clip(owner_id=owner) for _ in range(5))
    amounts = {clip.attempt.hold_id: clip.attempt.credits for clip in clips}
    hold = stores.ledger.hold(rest)
    assert hold is not None
    account = stores.ledger.account(owner)
    first, *others = divide(account, hold, amounts, expires_at=later, at=NOON)
    stores.ledger.post(first, alongside=BatchChange(postings=tuple(others), clips=clips))
    assert_books_are_right(stores.ledger, owner, [rest, *amounts])
    after = stores.ledger.account(owner)
    assert (after.available, after.held) == (2, 5)
    settled = stores.ledger.hold(rest)
    assert settled is not None
    assert settled.status is HoldStatus.RELEASED
    with pytest.raises(ValueError, match="whole"):
        divide(account, hold, dict(list(amounts.items())[1:]), expires_at=later, at=NOON)


def test_a_frozen_account_orders_nothing(stores: Stores) -> None:
    """Neither one clip nor many."""
    owner = an_account(stores, 3)
    account = replace(stores.ledger.account(owner), status=AccountStatus.FROZEN)
    with pytest.raises(AccountFrozen):
        place_holds(account, {rest_hold(BatchId("b")): Credits(1)}, expires_at=NOON, at=NOON)
