"""People who use the deployed system, and the simulator's control endpoint."""

import json
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import requests

from dev.client import EchoesClient, Json
from dev.cloud.endpoints import Endpoints
from dev.cloud.ephemeral import EphemeralCloud
from dev.people import Person, sign_up

NOTICES = "echoes-local-payments.fifo"
DEAD_LETTERS = "echoes-local-payments-dead-letters.fifo"
SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user, and the client that speaks for them."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeControl:
    """What a buyer, a bank and a shop do at Stripe: its page, and its simulator's control."""

    url: str

    def submit(self, page: str, move: str) -> str:
        """Press the button of *move* on the hosted page; return where it sends the browser."""
        shown = requests.get(page, timeout=10)
        (action,) = re.findall(rf'action="([^"]*/{move})"', shown.text)
        answer = requests.post(urljoin(page, action), allow_redirects=False, timeout=10)
        return answer.headers.get("Location", "")

    def refund(self, subject: str, **details: int) -> Json:
        """Refund the payment of *subject*, as in Stripe's dashboard."""
        payments = self._get("objects/payment_intent")
        (payment,) = [each for each in payments if each["metadata"].get("user_id") == subject]
        return self._post(f"payments/{payment['id']}/refund", details)

    def plan(self, mode: str, *, kind: str) -> None:
        """Let the next event of that type travel in this mode, such as `lose` or `duplicate=20`."""
        self._post("plans", {"mode": mode, "type": kind})

    def deliver_last(self, *, spoil: str) -> list[int | str]:
        """Send the newest event again, spoilt; return what it was answered."""
        newest = self._get("events")[-1]
        statuses: list[int | str] = self._post(f"events/{newest['id']}/deliver", {"spoil": spoil})[
            "statuses"
        ]
        return statuses

    def waiting(self, cloud: EphemeralCloud) -> int:
        """Return how many notices are waiting."""
        return _messages(cloud, NOTICES)

    def dead_letters(self, cloud: EphemeralCloud) -> int:
        """Return how many notices could not be worked off."""
        return _messages(cloud, DEAD_LETTERS)

    def bury(self, cloud: EphemeralCloud, subject: str) -> None:
        """Put the notice of the buyer's payment where the worker's last failure would."""
        payments = self._get("objects/payment_intent")
        (payment,) = [each for each in payments if each["metadata"].get("user_id") == subject]
        notice = {
            "event_id": "evt_1",
            "event_type": "checkout.session.completed",
            "about": "payment",
            "id": payment["id"],
        }
        sqs = cloud.client("sqs")
        sqs.send_message(
            QueueUrl=sqs.get_queue_url(QueueName=DEAD_LETTERS)["QueueUrl"],
            MessageBody=json.dumps(notice),
            MessageGroupId=subject,
            MessageDeduplicationId=subject,
        )

    def redrive(self, cloud: EphemeralCloud) -> None:
        """Move dead letters back, as SQS's redrive does (the emulator has none)."""
        sqs = cloud.client("sqs")
        dead, alive = (
            sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in (DEAD_LETTERS, NOTICES)
        )
        letters = sqs.receive_message(
            QueueUrl=dead, MaxNumberOfMessages=10, AttributeNames=["MessageGroupId"]
        )
        for letter in letters["Messages"]:
            sqs.send_message(
                QueueUrl=alive,
                MessageBody=letter["Body"],
                MessageGroupId=letter["Attributes"]["MessageGroupId"],
                MessageDeduplicationId=letter["MessageId"],
            )
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])

    def _get(self, path: str) -> list[Json]:
        found: list[Json] = requests.get(f"{self.url}/_control/{path}", timeout=10).json()
        return found

    def _post(self, path: str, body: Json) -> Json:
        answer = requests.post(f"{self.url}/_control/{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        found: Json = answer.json()
        return found


def _messages(cloud: EphemeralCloud, queue: str) -> int:
    sqs = cloud.client("sqs")
    found = sqs.get_queue_attributes(
        QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"],
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ],
    )["Attributes"]
    return sum(int(number) for number in found.values())


def sign_up_user(endpoints: Endpoints, *, admin: bool = False) -> User:
    """Sign up a user, without credits."""
    person = sign_up(endpoints, admin=admin)
    return User(
        person=person,
        api=EchoesClient(api_url=endpoints.api_url, token=person.access_token),
    )
