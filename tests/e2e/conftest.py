"""
The deployed system, and people who use it.

The tests bring up a local cloud of their own and take it down again; with ``ECHOES_ENDPOINTS``
naming an endpoints file they use the cloud that is up. ``python -m tests.e2e`` runs all of them on
one cloud, several at once but for those marked ``alone``.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from dev.client import EchoesClient
from dev.cloud.endpoints import Endpoints
from dev.cloud.ephemeral import EphemeralCloud
from dev.cloud.instance import Instance
from tests.support import users
from tests.support.own_cloud import own_cloud
from tests.support.users import RunwayControl, StripeControl, User

HERE: Final = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Keep tests that share something of their module on one worker, where it is made once.

    xdist goes by the ids: a group is behind an ``@``, and of two tests with one id it runs one.
    With pytest 9.2 xdist 3.8 writes no groups, and Schemathesis leaves its operations out.
    """
    grouped = getattr(config.option, "loadgroup", False)
    ours = [item for item in items if item.path.parent == HERE]
    for item in ours:
        assert isinstance(item, pytest.Function)
        nodeid = item.nodeid
        if not nodeid.endswith(item.name):
            nodeid += item.name.removeprefix(item.originalname)
        if grouped and _shares(item):
            nodeid += f"@{item.path.stem}"
        item._id = item.id.parse(nodeid)
    assert len({item.nodeid for item in ours}) == len(ours), "two tests have one id"


def _shares(test: pytest.Function) -> bool:
    fixtures = test._fixtureinfo.name2fixturedefs.values()
    return any(fixture.scope == "module" for found in fixtures for fixture in found)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EphemeralCloud]:
    """Yield the cloud under test, with an administrator's clients."""
    named = os.environ.get("ECHOES_ENDPOINTS")
    if named:
        file = Path(named).resolve()
        port = int(Endpoints.load(file).aws_endpoint_url.rpartition(":")[2])
        home = file.parent
        local = home.parent if home.name == str(port) else home
        yield EphemeralCloud(instance=Instance(port=port, local=local), environment={})
        return
    with own_cloud(tmp_path_factory.mktemp("cloud")) as own:
        yield own


@pytest.fixture(scope="session")
def endpoints(cloud: EphemeralCloud) -> Endpoints:
    return cloud.endpoints()


@pytest.fixture(scope="session")
def anonymous(endpoints: Endpoints) -> EchoesClient:
    return EchoesClient(api_url=endpoints.api_url)


@pytest.fixture(scope="session")
def admin(endpoints: Endpoints) -> User:
    return users.sign_up_user(endpoints, admin=True)


@pytest.fixture(scope="session")
def make_user(endpoints: Endpoints, admin: User) -> Callable[[int], User]:
    """Return a function that signs somebody up and has an operator grant them credits."""

    def make(credits_: int) -> User:
        user = users.sign_up_user(endpoints)
        if credits_:
            users.grant(admin, user, credits_)
        return user

    return make


@pytest.fixture
def user(make_user: Callable[[int], User]) -> User:
    return make_user(10)


@pytest.fixture
def guest(anonymous: EchoesClient) -> EchoesClient:
    return replace(anonymous, token=anonymous.post("/v1/guests")["token"])


@pytest.fixture(scope="session")
def runway(endpoints: Endpoints) -> RunwayControl:
    return RunwayControl(url=endpoints.simulators["runway"])


@pytest.fixture(scope="session")
def stripe(endpoints: Endpoints) -> StripeControl:
    return StripeControl(url=endpoints.simulators["stripe"])
