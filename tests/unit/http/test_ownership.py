"""A stranger's things are 404 on every route; admins may read them, and leave a trace."""

import pytest

from echoes.domain.errors import Unavailable
from echoes.http.contract.operation import Operation
from echoes.http.identity import Audience
from echoes.http.operations import OPERATIONS
from tests.support.factories import ready_music
from tests.support.http_api import HttpApi, Token

OWNED = [
    operation
    for operation in OPERATIONS
    if operation.route.parameters and operation.route.audience is not Audience.ADMINS
]
READING = [operation for operation in OWNED if operation.route.method == "GET"]


def address(api: HttpApi, owner: Token, operation: Operation) -> str:
    return operation.route.path.format(
        clip_id=api.order(owner)["id"],
        upload_id=api.photo(owner).upload_id,
        checkout_session_id=api.payments_harness.order(owner.subject).order_id,
        project_id=api.call("POST", "/v1/projects", token=owner, body={}).body["id"],
        film_id=api.film(owner).film_id,
        music_id=piece(api, owner),
    )


def piece(api: HttpApi, owner: Token) -> str:
    """Return a piece of *owner*'s music."""
    upload = ready_music(owner_id=owner.subject)
    api.music.add(upload, library=api.music.library(owner.subject))
    return upload.music_id


@pytest.mark.parametrize("operation", OWNED, ids=lambda operation: operation.name)
def test_what_is_somebody_elses_is_not_found(api: HttpApi, operation: Operation) -> None:
    """SE1: 404 for other users and guests, the same as for what never existed."""
    owner = api.user(credits_=5)
    mine = address(api, owner, operation)
    for stranger in (api.user(), api.guest(), api.user(groups="family,admins")):
        reply = api.call(operation.route.method, mine, token=stranger)
        wrong_kind = operation.route.audience is Audience.USERS and stranger.kind == "guest"
        refusals = {(404, "not_found")} | ({(403, "forbidden")} if wrong_kind else set())
        assert (reply.status, reply.body["code"]) in refusals
    reply = api.call(operation.route.method, mine, token=owner)
    known = {"clip_busy", "film_busy", "version_required", "invalid_request"}
    assert reply.status < 400 or reply.body["code"] in known
    assert not api.access_audit.reads


@pytest.mark.parametrize("operation", READING, ids=lambda operation: operation.name)
def test_an_admins_look_is_written_down_first(api: HttpApi, operation: Operation) -> None:
    """SE3: who looked at whose what, when, in which request."""
    owner, admin = api.user(credits_=5), api.admin()
    theirs = address(api, owner, operation)
    reply = api.call(operation.route.method, theirs, token=admin)
    assert reply.status == 200 or reply.body["code"] in {"clip_busy", "film_busy"}
    (noted,) = api.access_audit.reads
    assert (noted.admin_id, noted.owner_id) == (admin.subject, owner.subject)
    assert noted.resource_id in theirs


@pytest.mark.parametrize("operation", READING, ids=lambda operation: operation.name)
def test_an_admin_sees_nothing_that_cannot_be_written_down(
    api: HttpApi, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SE3: no trace, no look."""

    def broken(_read: object) -> None:
        raise Unavailable("the audit table does not answer")

    theirs = address(api, api.user(credits_=5), operation)
    monkeypatch.setattr(api.access_audit, "note", broken)
    assert api.call(operation.route.method, theirs, token=api.admin()).status == 503


@pytest.mark.parametrize(
    "operation",
    [operation for operation in OWNED if operation.route.method != "GET"],
    ids=lambda operation: operation.name,
)
def test_an_admin_may_look_but_not_touch(api: HttpApi, operation: Operation) -> None:
    """Changing another owner's resource stays 404 for admins, too."""
    theirs = address(api, api.user(credits_=5), operation)
    assert api.call(operation.route.method, theirs, token=api.admin()).status == 404


def test_an_admins_own_things_leave_no_trace(api: HttpApi) -> None:
    """Admins are owners too."""
    admin = api.admin()
    upload = api.photo(admin).upload_id
    assert api.call("GET", f"/v1/uploads/{upload}", token=admin).status == 200
    assert not api.access_audit.reads


def test_a_guest_in_the_admin_group_is_no_admin(api: HttpApi) -> None:
    """Only users of the pool have groups that count."""
    owner = api.user(credits_=5)
    clip = api.order(owner)
    guest = Token(subject=api.guest().subject, kind="guest", groups="admin")
    assert api.call("GET", f"/v1/clips/{clip['id']}", token=guest).status == 404
