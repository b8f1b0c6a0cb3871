"""A stranger's things are 404 on every route; admins may read them, and leave a trace."""

import pytest

from echoes.domain.errors import Unavailable
from echoes.http.operations import OPERATIONS, Audience, Operation
from tests.support.factories import ready_music
from tests.support.http_api import Studio, Token

OWNED = [
    operation
    for operation in OPERATIONS
    if operation.path_parameters and operation.audience is not Audience.ADMINS
]
READING = [operation for operation in OWNED if operation.method == "GET"]


def address(studio: Studio, owner: Token, operation: Operation) -> str:
    return operation.path.format(
        clip_id=studio.order(owner)["id"],
        upload_id=studio.photo(owner).upload_id,
        checkout_session_id=studio.till.order(owner.subject).order_id,
        project_id=studio.call("POST", "/v1/projects", token=owner, body={}).body["id"],
        film_id=studio.film(owner).film_id,
        music_id=piece(studio, owner),
    )


def piece(studio: Studio, owner: Token) -> str:
    """Return a piece of *owner*'s music."""
    upload = ready_music(owner_id=owner.subject)
    studio.music.add(upload, shelf=studio.music.shelf(owner.subject))
    return upload.music_id


@pytest.mark.parametrize("operation", OWNED, ids=lambda operation: operation.name)
def test_what_is_somebody_elses_is_not_found(studio: Studio, operation: Operation) -> None:
    """SE1: 404 for other users and guests, the same as for what never existed."""
    owner = studio.user(credits_=5)
    mine = address(studio, owner, operation)
    for stranger in (studio.user(), studio.guest(), studio.user(groups="family,admins")):
        reply = studio.call(operation.method, mine, token=stranger)
        wrong_kind = operation.audience is Audience.USERS and stranger.kind == "guest"
        refusals = {(404, "not_found")} | ({(403, "forbidden")} if wrong_kind else set())
        assert (reply.status, reply.body["code"]) in refusals
    reply = studio.call(operation.method, mine, token=owner)
    known = {"clip_busy", "film_busy", "version_required", "invalid_request"}
    assert reply.status < 400 or reply.body["code"] in known
    assert not studio.supervision.reads


@pytest.mark.parametrize("operation", READING, ids=lambda operation: operation.name)
def test_an_admins_look_is_written_down_first(studio: Studio, operation: Operation) -> None:
    """SE3: who looked at whose what, when, in which request."""
    owner, admin = studio.user(credits_=5), studio.admin()
    theirs = address(studio, owner, operation)
    reply = studio.call(operation.method, theirs, token=admin)
    assert reply.status == 200 or reply.body["code"] in {"clip_busy", "film_busy"}
    (noted,) = studio.supervision.reads
    assert (noted.admin_id, noted.owner_id) == (admin.subject, owner.subject)
    assert noted.resource_id in theirs


@pytest.mark.parametrize("operation", READING, ids=lambda operation: operation.name)
def test_an_admin_sees_nothing_that_cannot_be_written_down(
    studio: Studio, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SE3: no trace, no look."""

    def broken(_read: object) -> None:
        raise Unavailable("the audit table does not answer")

    theirs = address(studio, studio.user(credits_=5), operation)
    monkeypatch.setattr(studio.supervision, "note", broken)
    assert studio.call(operation.method, theirs, token=studio.admin()).status == 503


@pytest.mark.parametrize(
    "operation",
    [operation for operation in OWNED if operation.method != "GET"],
    ids=lambda operation: operation.name,
)
def test_an_admin_may_look_but_not_touch(studio: Studio, operation: Operation) -> None:
    """Changing what is somebody else's stays 404 for admins too."""
    theirs = address(studio, studio.user(credits_=5), operation)
    assert studio.call(operation.method, theirs, token=studio.admin()).status == 404


def test_an_admins_own_things_leave_no_trace(studio: Studio) -> None:
    """Admins are owners too."""
    admin = studio.admin()
    upload = studio.photo(admin).upload_id
    assert studio.call("GET", f"/v1/uploads/{upload}", token=admin).status == 200
    assert not studio.supervision.reads


def test_a_guest_in_the_admin_group_is_no_admin(studio: Studio) -> None:
    """Only users of the pool have groups that count."""
    owner = studio.user(credits_=5)
    clip = studio.order(owner)
    guest = Token(subject=studio.guest().subject, kind="guest", groups="admin")
    assert studio.call("GET", f"/v1/clips/{clip['id']}", token=guest).status == 404
