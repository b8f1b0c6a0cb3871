"""People who use the deployed system, and the simulator's control endpoint."""

import uuid
from dataclasses import dataclass
from pathlib import Path

import requests

from dev.client import EchoesClient, Json
from dev.cloud.endpoints import Endpoints
from dev.people import Person, sign_up

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody, and the client that speaks for them."""

    person: Person
    api: EchoesClient

    def balance(self) -> int:
        balance: int = self.api.get("/v1/credits")["balance"]
        return balance

    def ready_upload(self, photo: str = "cat.jpg") -> str:
        [upload_id] = self.api.upload([SAMPLES / photo])
        upload = self.api.wait_for_upload(upload_id)
        assert upload["state"] == "ready", upload
        return upload_id


def grant(admin: User, user: User, amount: int) -> Json:
    return admin.api.post(
        "/admin/v1/credits/adjustments",
        {
            "user_id": user.person.subject,
            "amount": amount,
            "reason": "Credits for a test",
            "ticket": f"test-{uuid.uuid4()}",
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunwayControl:
    """The simulator's control endpoint."""

    url: str

    def tasks(self, marker: str) -> list[Json]:
        """Return the tasks whose prompt contains *marker*."""
        answer = requests.get(
            f"{self.url}/_control/tasks", params={"contains": marker}, timeout=10
        ).json()
        tasks: list[Json] = answer["tasks"]
        return tasks


def sign_up_user(endpoints: Endpoints, *, admin: bool = False) -> User:
    """Sign somebody up, without credits."""
    person = sign_up(endpoints, admin=admin)
    return User(
        person=person,
        api=EchoesClient(api_url=endpoints.api_url, token=person.access_token),
    )
