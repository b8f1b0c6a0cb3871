"""
The deployed system, and people who use it.

The tests bring up a local cloud of their own and take it down again; with ``ECHOES_ENDPOINTS``
naming an endpoints file they use the cloud that is up (``ECHOES_AUTH`` then has no effect).
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dev.client import EchoesClient
from dev.cloud.endpoints import Endpoints
from dev.cloud.ephemeral import EphemeralCloud, free_port
from dev.cloud.instance import Instance
from tests.support import users
from tests.support.users import RunwayControl, StripeControl, User


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
    port, local = free_port(), tmp_path_factory.mktemp("cloud")
    ephemeral_cloud = EphemeralCloud(
        instance=Instance(port=port, local=local),
        environment={"ECHOES_PORT": str(port), "ECHOES_LOCAL": str(local)},
    )
    try:
        ephemeral_cloud.up()
        yield ephemeral_cloud
    finally:
        ephemeral_cloud.run("down")


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
    return RunwayControl(url=endpoints.runway_url)


@pytest.fixture(scope="session")
def stripe(endpoints: Endpoints) -> StripeControl:
    return StripeControl(url=endpoints.stripe_url)
