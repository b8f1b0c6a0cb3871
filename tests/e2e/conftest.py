"""
The deployed system, and people who use it.

The tests bring up a local cloud of their own and take it down again; with ``ECHOES_ENDPOINTS``
naming an endpoints file they use the cloud that is up (``ECHOES_AUTH`` then has no effect).
"""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dev.client import EchoesClient
from dev.cloud.endpoints import Endpoints
from tests.e2e import users
from tests.e2e.users import RunwayControl, User

PROJECT = Path(__file__).parents[2]
PORTS_OF_A_CLOUD = 4
UP_SECONDS = 300


@pytest.fixture(scope="session")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    named = os.environ.get("ECHOES_ENDPOINTS")
    if named:
        yield Endpoints.load(Path(named))
        return
    port, local = _free_base_port(), tmp_path_factory.mktemp("cloud")
    environment = {**os.environ, "ECHOES_PORT": str(port), "ECHOES_LOCAL": str(local)}

    def cloud(command: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "dev.cloud", command],
            env=environment,
            check=True,
            timeout=UP_SECONDS,
            cwd=PROJECT,
        )

    try:
        cloud("up")
        yield Endpoints.load(local / str(port) / "endpoints.json")
    finally:
        cloud("down")


@pytest.fixture(scope="session")
def anonymous(endpoints: Endpoints) -> EchoesClient:
    return EchoesClient(api_url=endpoints.api_url)


@pytest.fixture(scope="session")
def admin(endpoints: Endpoints) -> User:
    return users.new_user(endpoints, admin=True)


@pytest.fixture(scope="session")
def new_user(endpoints: Endpoints, admin: User) -> Callable[[int], User]:
    """Return a function that signs somebody up and has an operator grant them credits."""

    def make(credits_: int) -> User:
        user = users.new_user(endpoints)
        if credits_:
            users.grant(admin, user, credits_)
        return user

    return make


@pytest.fixture
def user(new_user: Callable[[int], User]) -> User:
    return new_user(10)


@pytest.fixture
def guest(anonymous: EchoesClient) -> EchoesClient:
    return replace(anonymous, token=anonymous.post("/v1/guests")["token"])


@pytest.fixture(scope="session")
def runway(endpoints: Endpoints) -> RunwayControl:
    return RunwayControl(url=endpoints.runway_url)


def _free_base_port() -> int:
    """Return a port that is free together with the next ones."""
    for base in range(21_000, 40_000, 10):
        sockets = [socket.socket() for _ in range(PORTS_OF_A_CLOUD)]
        try:
            for offset, one in enumerate(sockets):
                one.bind(("127.0.0.1", base + offset))
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
        return base
    raise AssertionError("no free ports")
