"""Many clips in one order: all of them or none, even after a crash."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from dev.fakes.credits import Fault
from dev.fakes.state_machine import Killed
from echoes.application.clips.order_clip import ClipRequest
from echoes.application.projects.order_clips import BatchRequest
from echoes.domain.clips.attempts import AttemptRef, ClipStatus
from echoes.domain.credits.holds import release
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import (
    Conflict,
    EchoesError,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    ReferenceMismatch,
)
from echoes.domain.identifiers import BatchId, ClipId, HoldId, OwnerId, ProjectId, UploadId
from echoes.domain.projects import batches
from echoes.domain.projects.batches import WHOLE, rest_hold
from echoes.domain.projects.project import Look, Project, create, delete
from tests.support.clip_harness import PHOTO, Blow, ClipHarness
from tests.support.factories import a_ready_upload, an_id, an_owner, photo_facts
from tests.support.ledger_books import assert_books_are_right

MOST_CALLS = 400
SIZES = [3, WHOLE, WHOLE + 1, 50]


def a_project(harness: ClipHarness) -> Project:
    project = create(
        harness.owner, ProjectId(an_id()), title="Summer", look=Look(), at=harness.clock.now()
    )
    harness.clips_store.projects.save(project)
    return project


def a_batch(harness: ClipHarness, project: Project, number: int, **changes: object) -> BatchRequest:
    """Return a request for that many clips; the photo taken last comes first."""
    photos = []
    for place in range(number):
        taken = photo_facts(
            taken_at=harness.clock.now() - timedelta(days=place), sha256=sha256(PHOTO).hexdigest()
        )
        upload = a_ready_upload(owner_id=harness.owner, upload_id=an_id(), facts=taken)
        harness.uploads_store.add([upload])
        harness.photos_store.write(upload.photo_key, PHOTO, content_type="image/jpeg")
        request = ClipRequest(
            owner_id=harness.owner,
            clip_id=ClipId(an_id()),
            upload_id=upload.upload_id,
            project_id=project.project_id,
        )
        photos.append(replace(request, **changes))  # type: ignore[arg-type]
    return BatchRequest(
        owner_id=harness.owner,
        batch_id=BatchId(an_id()),
        project_id=project.project_id,
        photos=tuple(photos),
    )


def present(harness: ClipHarness, project: Project) -> Project:
    return harness.clips_store.projects.get(project.owner_id, project.project_id)


def books(harness: ClipHarness, request: BatchRequest) -> None:
    holds = [HoldId(f"{photo.clip_id}-1") for photo in request.photos]
    assert_books_are_right(
        harness.ledger_store, harness.owner, [*holds, rest_hold(request.batch_id)]
    )


@pytest.mark.parametrize("number", SIZES)
def test_every_photo_becomes_a_clip_with_a_hold_of_its_own(number: int) -> None:
    """One hold a clip, all started, in the project by date taken; answered in the order asked."""
    harness = ClipHarness(credits_=60)
    project = a_project(harness)
    request = a_batch(harness, project, number)

    clips = harness.order_clips(request)

    assert [clip.upload_id for clip in clips] == [photo.upload_id for photo in request.photos]
    assert present(harness, project).clip_ids == tuple(clip.clip_id for clip in reversed(clips))
    account = harness.ledger_store.account(harness.owner)
    assert (account.available, account.held) == (60 - number, number)
    for clip in clips:
        hold = harness.ledger_store.hold(clip.attempt.hold_id)
        assert hold is not None
        assert (hold.amount, hold.expires_at > harness.clock.now()) == (1, True)
    assert len(harness.workflow_store.started) == number
    books(harness, request)


@pytest.mark.parametrize("number", SIZES)
def test_one_credit_too_few_orders_nothing(number: int) -> None:
    """PF2: the error is about the whole batch, and nothing is held, made or added."""
    harness = ClipHarness(credits_=number - 1)
    project = a_project(harness)

    with pytest.raises(InsufficientCredits) as refused:
        harness.order_clips(a_batch(harness, project, number))

    assert (refused.value.required, refused.value.available) == (number, number - 1)
    assert_nothing_happened(harness, project)


def assert_nothing_happened(harness: ClipHarness, project: Project) -> None:
    assert not harness.clips_store.all()
    assert harness.ledger_store.account(harness.owner).available == harness.initial
    assert present(harness, project) == project


@pytest.mark.parametrize("place", [0, 2])
def test_one_photo_that_cannot_be_used_orders_nothing(place: int) -> None:
    """And the refusal says which one."""
    harness = ClipHarness(credits_=5)
    project = a_project(harness)
    request = a_batch(harness, project, 3)
    photos = list(request.photos)
    photos[place] = replace(photos[place], duration_seconds=99)
    with pytest.raises(InvalidRequest) as refused:
        harness.order_clips(replace(request, photos=tuple(photos)))
    assert refused.value.field == f"photos.{place}.duration_seconds"
    photos[place] = replace(request.photos[place], upload_id=UploadId(an_id()))
    with pytest.raises(NotFound):
        harness.order_clips(replace(request, photos=tuple(photos)))
    assert_nothing_happened(harness, project)


def test_a_batch_is_for_the_callers_own_project() -> None:
    """A missing, another owner's or a deleted project: not found, and nothing is held."""
    harness = ClipHarness(credits_=5)
    project = a_project(harness)
    request = a_batch(harness, project, 2)
    with pytest.raises(NotFound):
        harness.order_clips(replace(request, project_id=ProjectId(an_id())))
    with pytest.raises(NotFound):
        harness.order_clip(replace(request.photos[0], project_id=ProjectId(an_id())))
    harness.clips_store.projects.save(delete(project, at=harness.clock.now()))
    with pytest.raises(NotFound):
        harness.order_clips(request)
    assert harness.ledger_store.account(harness.owner).available == 5
    assert not harness.clips_store.all()


@pytest.mark.parametrize("number", [0, 51])
def test_a_batch_has_one_to_fifty_photos(number: int) -> None:
    """More would not fit into a project."""
    harness = ClipHarness(credits_=60)
    project = a_project(harness)
    with pytest.raises(InvalidRequest):
        harness.order_clips(a_batch(harness, project, number))
    assert_nothing_happened(harness, project)


def test_a_project_that_is_full_takes_no_more() -> None:
    """Nothing is held for what does not fit."""
    harness = ClipHarness(credits_=60)
    project = a_project(harness)
    harness.order_clips(a_batch(harness, project, 49))
    with pytest.raises(InvalidRequest):
        harness.order_clips(a_batch(harness, project, 2))
    assert harness.ledger_store.account(harness.owner).held == 49


@pytest.mark.parametrize("number", [4, 40])
def test_the_same_batch_again_is_the_same_clips(number: int) -> None:
    """Repeated in a row or in parallel it costs once; with other photos it is refused."""
    harness = ClipHarness(credits_=60)
    project = a_project(harness)
    request = a_batch(harness, project, number)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(harness.order_clips, [request] * 4))
    assert {tuple(clip.clip_id for clip in clips) for clips in answers} == {
        tuple(photo.clip_id for photo in request.photos)
    }
    assert harness.ledger_store.account(harness.owner).held == number
    assert len(harness.workflow_store.started) == number
    books(harness, request)
    other = replace(request.photos[0], upload_id=request.photos[1].upload_id)
    with pytest.raises(ReferenceMismatch):
        harness.order_clips(replace(request, photos=(other, *request.photos[1:])))


def test_two_batches_at_once_for_one_batchs_credits() -> None:
    """CR4: one is ordered whole, the other one not at all."""
    harness = ClipHarness(credits_=45)
    project, other = a_project(harness), None
    harness.clock.advance(timedelta(seconds=1))
    other = a_project(harness)

    def order(request: BatchRequest) -> object:
        try:
            return harness.order_clips(request)
        except InsufficientCredits as error:
            return (error.required, error.available)

    requests = [a_batch(harness, each, 40) for each in (project, other)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(order, requests))
    assert (40, 5) in answers
    assert len(harness.clips_store.all()) == 40
    assert harness.ledger_store.account(harness.owner).held == 40


def test_one_failing_clip_gives_its_own_credits_back() -> None:
    """PF4: 1 of 5 fails, exactly its credit returns, four are paid."""
    harness = ClipHarness(credits_=5)
    project = a_project(harness)
    clips = harness.order_clips(a_batch(harness, project, 5))
    harness.provider.failure = ErrorCode.GENERATION_FAILED
    harness.carry(harness.workflow_store.started[2])
    harness.provider.failure = None
    harness.come_to_rest()
    statuses = [harness.clip(clip).attempt.status for clip in clips]
    assert statuses.count(ClipStatus.FAILED) == 1
    assert harness.ledger_store.account(harness.owner).available == 1
    harness.check()


def quiet(harness: ClipHarness) -> ClipHarness:
    """Return *harness* that does not look at every step: a rest is paid before its clips exist."""
    harness.gate.look = lambda: None
    return harness


def whole_or_nothing(harness: ClipHarness, project: Project, request: BatchRequest) -> bool:
    """Assert that the batch was ordered whole or not at all, and return which."""
    found = harness.clips_store.get_many(harness.owner, [photo.clip_id for photo in request.photos])
    assert len(found) in {0, len(request.photos)}
    assert len(present(harness, project).shots) == len(found)
    return bool(found)


@pytest.fixture
def short_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a commit take three clips, so that a batch of five is one of two commits."""
    monkeypatch.setattr(batches, "WHOLE", 3)
    monkeypatch.setattr(batches, "FIRST_PART", 2)


@pytest.mark.usefixtures("short_commits")
@pytest.mark.parametrize("number", [3, 5])
@pytest.mark.parametrize("blow", Blow)
@pytest.mark.parametrize("repeats", [False, True], ids=["gives up", "asks again"])
def test_a_blow_anywhere_orders_all_or_nothing(*, number: int, blow: Blow, repeats: bool) -> None:
    """After the sweep nothing is half ordered, each credit is where it belongs, none is held."""
    at, ordered = 0, []
    while True:
        harness = quiet(ClipHarness(credits_=50))
        project = a_project(harness)
        request = a_batch(harness, project, number)
        harness.gate.strike(at, blow)
        for _ in range(2 if repeats else 1):
            with suppress(Killed, EchoesError):
                harness.order_clips(request)
                break
        if harness.gate.struck is None:
            break
        struck = harness.gate.struck
        harness.gate.lift()
        harness.sweep()
        try:
            ordered.append(whole_or_nothing(harness, project, request))
            assert ordered[-1] or not repeats
            held = harness.ledger_store.account(harness.owner).held
            assert held == (number if ordered[-1] else 0)
            assert len(harness.workflow_store.started) == held
            books(harness, request)
        except AssertionError as error:
            raise AssertionError(f"{blow} at call {at}: {struck}") from error
        at += 1
        assert at < MOST_CALLS
    assert at > number
    assert {True} == set(ordered) if repeats else {True, False} == set(ordered)


@pytest.mark.usefixtures("short_commits")
@pytest.mark.parametrize("blow", Blow)
def test_the_sweep_may_die_as_well(blow: Blow) -> None:
    """A crash between the commits, then at every call of the sweep: the next run completes it."""
    at = 0
    while True:
        harness = quiet(ClipHarness(credits_=50))
        project = a_project(harness)
        request = a_batch(harness, project, 5)
        killed_between_the_commits(harness, request)
        harness.gate.strike(at, blow)
        harness.clock.advance(timedelta(minutes=10))
        with suppress(Killed, EchoesError):
            harness.sweep_projects()
        struck = harness.gate.struck
        harness.gate.lift()
        harness.sweep()
        assert whole_or_nothing(harness, project, request)
        assert len(harness.workflow_store.started) == 5
        books(harness, request)
        if struck is None:
            break
        at += 1
        assert at < MOST_CALLS
    assert at > 3


def killed_between_the_commits(harness: ClipHarness, request: BatchRequest) -> None:
    posts = 0
    for at in range(MOST_CALLS):
        probe = quiet(ClipHarness(credits_=50))
        probe_project = a_project(probe)
        probe.gate.strike(at, Blow.KILL_AFTER)
        with suppress(Killed):
            probe.order_clips(a_batch(probe, probe_project, len(request.photos)))
        if probe.gate.struck == "ledger.post":
            posts = at
            break
    harness.gate.strike(posts, Blow.KILL_AFTER)
    with pytest.raises(Killed):
        harness.order_clips(request)
    harness.gate.lift()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda harness: harness.ledger_store.freeze(harness.owner),
        lambda harness: harness.ledger_store.inject(Fault.CONFLICT, 5),
    ],
    ids=["frozen", "contended"],
)
def test_what_is_paid_for_is_made_whatever_becomes_of_the_account(
    spoil: Callable[[ClipHarness], None],
) -> None:
    """The rest's credits were set aside by the first commit: they are the rest's."""
    harness = quiet(ClipHarness(credits_=50))
    project = a_project(harness)
    request = a_batch(harness, project, 50)
    killed_between_the_commits(harness, request)
    assert len(harness.clips_store.all()) < 50
    spoil(harness)
    harness.sweep()
    assert whole_or_nothing(harness, project, request)
    books(harness, request)


def test_who_asks_again_gets_the_whole_batch_at_once() -> None:
    """After a crash between the commits, repeating the request completes it before a sweep."""
    harness = quiet(ClipHarness(credits_=50))
    project = a_project(harness)
    request = a_batch(harness, project, 40)
    killed_between_the_commits(harness, request)
    clips = harness.order_clips(request)
    assert [clip.clip_id for clip in clips] == [photo.clip_id for photo in request.photos]
    assert len(harness.workflow_store.started) == 40
    books(harness, request)


def test_a_rest_that_is_given_back_at_that_moment_is_not_made() -> None:
    """A hold that still looked open but had been released pays for nothing."""
    harness = quiet(ClipHarness(credits_=80))
    project = a_project(harness)
    request = a_batch(harness, project, 40)
    killed_between_the_commits(harness, request)
    ledger, rest = harness.ledger_store, rest_hold(request.batch_id)
    hold = ledger.hold(rest)
    assert hold is not None
    ledger.post(release(ledger.account(harness.owner), hold, at=harness.clock.now()))
    ledger.inject(Fault.TORN_READ)
    harness.clock.advance(timedelta(minutes=5))
    harness.sweep_projects()
    assert len(harness.clips_store.all()) == 31
    made = {clip.attempt.attempt_id for clip in harness.clips_store.all()}
    assert {attempt.attempt_id for attempt in harness.workflow_store.started} <= made
    books(harness, request)


def test_a_rest_that_was_given_back_is_given_up() -> None:
    """If it is not finished for hours, its hold expires; only the clips made so far stay."""
    harness = quiet(ClipHarness(credits_=50))
    project = a_project(harness)
    request = a_batch(harness, project, 40)
    killed_between_the_commits(harness, request)
    harness.clock.advance(timedelta(days=2))
    harness.sweep_clips()
    harness.sweep_projects()
    books(harness, request)
    harness.come_to_rest()
    assert harness.ledger_store.account(harness.owner).held == 0
    found = harness.clips_store.get_many(harness.owner, [photo.clip_id for photo in request.photos])
    assert len(found) < 40


def test_who_orders_does_not_wait_for_every_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """When starting is slow the answer comes first, and the sweep starts what is left."""
    harness = ClipHarness(credits_=9)
    begin = harness.workflow_store.start

    def slowly(attempt: AttemptRef) -> None:
        harness.clock.sleep(2)
        begin(attempt)

    monkeypatch.setattr(harness.workflow_store, "start", slowly)
    asked = harness.clock.now()
    harness.order_clips(a_batch(harness, a_project(harness), 9))
    assert harness.clock.now() - asked < timedelta(seconds=10)
    assert 0 < len(harness.workflow_store.started) < 9
    harness.sweep()
    assert len(harness.workflow_store.started) == 9


def test_contention_alone_refuses_nobody() -> None:
    """The slower one retries, a bounded number of times."""
    harness = ClipHarness(credits_=5)
    project = a_project(harness)
    harness.ledger_store.inject(Fault.CONFLICT, 8)
    assert len(harness.order_clips(a_batch(harness, project, 3))) == 3
    harness.ledger_store.inject(Fault.CONFLICT, 12)
    with pytest.raises(Conflict):
        harness.order_clips(a_batch(harness, project, 1))


def test_a_batch_nobody_can_read_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log names its id; other paid batches are finished."""
    harness = quiet(ClipHarness(credits_=100))
    requests = []
    for _ in "ab":
        harness.clock.sleep(1)
        requests.append(a_batch(harness, a_project(harness), 40))
        killed_between_the_commits(harness, requests[-1])
    bad, good = requests
    read = harness.batches_store.get

    def fails(owner_id: OwnerId, batch_id: BatchId) -> object:
        if batch_id == bad.batch_id:
            raise ValueError("'of-tomorrow' is not a valid word")
        return read(owner_id, batch_id)

    monkeypatch.setattr(harness.batches_store, "get", fails)
    harness.clock.advance(timedelta(minutes=5))

    report = harness.sweep_projects()

    assert (report.finished, report.errors) == (1, ["ValueError"])
    assert [error.about for error in report.unexpected] == [bad.batch_id]
    made = {clip.clip_id for clip in harness.clips_store.all()}
    assert {photo.clip_id for photo in good.photos} <= made


def test_a_single_clip_comes_into_its_project_too() -> None:
    """And leaves it when it is deleted."""
    harness = ClipHarness(credits_=3)
    project = a_project(harness)
    clips = [harness.order_clip(photo) for photo in a_batch(harness, project, 2).photos]
    assert present(harness, project).clip_ids == (clips[1].clip_id, clips[0].clip_id)
    harness.come_to_rest()
    harness.delete_clip(harness.owner, clips[0].clip_id)
    assert present(harness, project).all_clip_ids == (clips[1].clip_id,)
    stranger = replace(harness.request(), project_id=project.project_id, owner_id=an_owner())
    with pytest.raises(NotFound):
        harness.order_clip(stranger)


def test_a_deleted_project_is_erased_with_its_clips_a_day_later() -> None:
    """PF5: soft for 24 hours, then rows and bytes, those of removed clips as well."""
    harness = ClipHarness(credits_=3)
    project = a_project(harness)
    clips = harness.order_clips(a_batch(harness, project, 2))
    harness.come_to_rest()
    harness.clips_store.projects.save(delete(present(harness, project), at=harness.clock.now()))
    harness.clock.advance(timedelta(hours=23))
    harness.sweep()
    assert harness.media_store.files
    harness.clock.advance(timedelta(hours=1))
    harness.sweep()
    assert not harness.media_store.files
    for clip in clips:
        with pytest.raises(NotFound):
            harness.view_clip(harness.owner, clip.clip_id)
    later = harness.clock.now() + timedelta(days=9)
    assert not harness.clips_store.projects.due(at=later, limit=1)
