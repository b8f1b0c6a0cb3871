"""The control endpoint and the command of Stripe's simulator."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from dev.simulators.stripe.simulator import StripeSimulator
from tests.support.stripe_simulator import Receiver, client_of, session_params

ROOT = Path(__file__).resolve().parents[3]


def test_the_control_endpoint_does_the_same(sim: StripeSimulator, receiver: Receiver) -> None:
    """What a test in the same process can do, another process can do over HTTP."""

    def control(method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # JSON
        reply = requests.request(method, f"{sim.url}/_control/{path}", json=body, timeout=10)
        assert reply.status_code == 200, reply.text
        return reply.json()

    assert control("GET", "health")["status"] == "ok"
    control("PUT", "webhook", {"url": receiver.url, "secret": "whsec_a", "payload": "snapshot"})
    control("PUT", "prices", {"id": "price_x", "name": "X", "unit_amount": 999})
    control("PATCH", "settings", {"hold": True})
    control("POST", "faults", {"fault": "503", "on": "checkout.sessions.create"})
    control("POST", "plans", {"mode": "duplicate=2", "type": "charge.refunded"})
    sdk = client_of(sim.url, sim.api_key)
    line = {"price": "price_x", "quantity": 2}
    made = sdk.v1.checkout.sessions.create(session_params(line_items=[line]))
    paid = control("POST", f"sessions/{made.id}/pay")
    assert [event["type"] for event in paid["events"]] == ["checkout.session.completed"]
    refund = control("POST", f"payments/{made.id}/refund", {"amount": 500, "pending": True})
    control("POST", f"refunds/{refund['object']['id']}/fail")
    dispute = control("POST", f"payments/{made.id}/dispute", {"kind": "chargeback"})["object"]
    lost = control("POST", f"disputes/{dispute['id']}/lose")["object"]
    assert lost["status"] == "lost"
    event = paid["events"][0]["id"]
    assert control("POST", f"events/{event}/deliver", {"duplicates": 2})["statuses"] == [200, 200]
    released = control("POST", "release", {"seed": 3})
    assert [each["event"] for each in released] == receiver.ids()[2:]
    assert control("GET", f"deliveries?event={event}")[0]["state"] == "delivered"
    assert len(control("GET", "objects/refund")) == 1
    before = control("GET", "clock")["now"]
    assert control("POST", "clock", {"advance_seconds": 100})["now"] >= before + 100
    for path, body, status in (
        ("faults", {"fault": "nonsense"}, 400),
        ("faults", {"fault": "500", "on": "nonsense"}, 400),
        ("plans", {"mode": "nonsense"}, 400),
        ("sessions/cs_none/pay", {}, 404),
        (f"sessions/{made.id}/pay", {}, 409),
        ("nonsense", {}, 404),
    ):
        assert (
            requests.post(f"{sim.url}/_control/{path}", json=body, timeout=5).status_code == status
        )


def test_events_leave_this_machine_for_nobody(sim: StripeSimulator) -> None:
    """A webhook address elsewhere is refused."""
    for url in ("http://192.0.2.1/x", "https://127.0.0.1/x", "ftp://127.0.0.1/x"):
        reply = requests.put(f"{sim.url}/_control/webhook", json={"url": url}, timeout=10)
        assert reply.status_code == 400


@contextlib.contextmanager
def started(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dev.simulators.stripe", "--quiet", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/layers/core/python:{ROOT}"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield line.rsplit(" ", 1)[-1].strip(), process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def test_the_command_serves_remembers_after_a_kill_and_ends_on_sigterm(tmp_path: Path) -> None:
    """Killed without warning, it knows all it has said; SIGTERM ends it with 0."""
    with started("--state", str(tmp_path)) as (url, process):
        requests.put(
            f"{url}/_control/prices",
            json={"id": "price_p1000", "name": "1000 credits", "unit_amount": 4999},
            timeout=5,
        )
        sdk = client_of(url, "sk_test_anything")
        made = sdk.v1.checkout.sessions.create(session_params(), {"idempotency_key": "order-1"})
        requests.post(f"{url}/_control/sessions/{made.id}/pay", timeout=5)
        last = sdk.v1.customers.create({"email": "last@example.com"})
        process.kill()
        process.wait()
    with started("--state", str(tmp_path)) as (url, process):
        sdk = client_of(url, "sk_test_anything")
        assert sdk.v1.checkout.sessions.retrieve(made.id).payment_status == "paid"
        assert [event.type for event in sdk.v1.events.list().data] == ["checkout.session.completed"]
        assert sdk.v1.customers.retrieve(last.id).email == "last@example.com"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
