"""How faults are asked for, links signed, ranges cut, forms split, and credits counted."""

import datetime as dt
from pathlib import Path

import pytest

from dev.simulators.core.faults import FaultQueue, UnknownFault
from dev.simulators.runway.contract import load_contract
from dev.simulators.runway.faults import (
    FAILURES,
    REFUSALS,
    Call,
    Fault,
    Operation,
    calls_in,
    parse_call,
    parse_header,
    speed_in,
)
from dev.simulators.runway.media.outputs import (
    ByteRange,
    LinkSigner,
    RangeNotSatisfiable,
    parse_range,
)
from dev.simulators.runway.media.uploads import StorageRefused, Uploads, parse_form
from dev.simulators.runway.organization import Organization


def test_markers_in_a_prompt_are_read_with_their_arguments() -> None:
    """Several markers may stand in one prompt, and other brackets are left alone."""
    prompt = "[[a]] sea [[fault:slow=2.5]] and [[fault:bad_output]] [[speed:50]]"
    assert calls_in(prompt) == [
        Call(fault=Fault.SLOW, argument=2.5),
        Call(fault=Fault.BAD_OUTPUT),
    ]
    assert speed_in(prompt) == 50
    assert speed_in("[[speed:0]] calm") is None
    assert calls_in("no markers") == []


def test_a_misspelt_fault_is_an_error_and_not_a_quiet_success() -> None:
    """A test that asks for a fault gets it or is told that it does not exist."""
    for text in ("gremlins", "slow=fast"):
        with pytest.raises(UnknownFault):
            parse_call(text)
    with pytest.raises(UnknownFault):
        calls_in("[[fault:gremlins]]")
    assert parse_header("503, lost_reply") == [
        Call(fault=Fault.STATUS_503),
        Call(fault=Fault.LOST_REPLY),
    ]
    assert parse_header(None) == []


def test_every_fault_is_of_one_kind_only() -> None:
    """No fault is both a refusal and a failure of the task."""
    assert not set(REFUSALS) & set(FAILURES)


def test_queued_faults_are_used_up_in_order_by_their_own_kind_of_request() -> None:
    """First in, first out, one a request; `any` fits every request."""
    queue = FaultQueue[Fault]()
    queue.add(Call(fault=Fault.STATUS_503), operation=Operation.RETRIEVE, count=1)
    queue.add(Call(fault=Fault.LOST_REPLY), operation=Operation.CREATE, count=2)
    queue.add(Call(fault=Fault.STATUS_500), operation=Operation.ANY, count=1)
    taken = [queue.take(Operation.CREATE) for _ in range(4)]
    assert [call.fault if call else None for call in taken] == [
        Fault.LOST_REPLY,
        Fault.LOST_REPLY,
        Fault.STATUS_500,
        None,
    ]
    assert [queued.call.fault for queued in queue.pending()] == [Fault.STATUS_503]
    with pytest.raises(UnknownFault):
        queue.add(Call(fault=Fault.SLOW), operation=Operation.ANY, count=0)


def test_a_link_opens_its_own_film_until_it_expires() -> None:
    """Another task, another key or another minute: closed."""
    now = 1000.0
    signer = LinkSigner(wall=lambda: now)
    url = signer.sign("http://127.0.0.1:1", "task-1", ttl_seconds=60)
    token = url.partition("_jwt=")[2]
    assert url.startswith("http://127.0.0.1:1/outputs/task-1.mp4?")
    assert signer.opens("task-1", token)
    assert not signer.opens("task-2", token)
    assert not signer.opens("task-1", token[:-2])
    assert not LinkSigner(wall=lambda: now).opens("task-1", token)
    now = 1060.0
    assert not signer.opens("task-1", token)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-", ByteRange(first=0, last=99)),
        ("bytes=10-19", ByteRange(first=10, last=19)),
        ("bytes=90-500", ByteRange(first=90, last=99)),
        ("bytes=-5", ByteRange(first=95, last=99)),
        ("bytes=-500", ByteRange(first=0, last=99)),
        ("bytes=19-10", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=-", None),
    ],
)
def test_ranges_are_cut_as_http_says(header: str | None, part: ByteRange | None) -> None:
    """RFC 9110, 14.1.2: what cannot be understood is ignored."""
    assert parse_range(header, 100) == part


def test_a_range_behind_the_end_is_not_satisfiable() -> None:
    """416 for it."""
    for header in ("bytes=100-", "bytes=-0"):
        with pytest.raises(RangeNotSatisfiable):
            parse_range(header, 100)


def test_a_form_keeps_binary_files_whole() -> None:
    """Line breaks and dashes inside the file survive."""
    data = b"\r\n--not-a-boundary\r\n\x00\xff" * 40
    body = (
        b'--xyz\r\nContent-Disposition: form-data; name="key"\r\n\r\nabc\r\n'
        b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n" + data + b"\r\n--xyz--\r\n"
    )
    key, file = parse_form(body, 'multipart/form-data; boundary="xyz"')
    assert (key.name, key.data, key.content_type) == ("key", b"abc", None)
    assert (file.name, file.data, file.content_type) == ("file", data, "image/jpeg")
    with pytest.raises(StorageRefused):
        parse_form(body, "application/json")


def test_an_upload_needs_its_own_fields_and_expires(tmp_path: Path) -> None:
    """A forged signature is refused, and after 24 hours the URI names nothing."""
    now = 0.0
    uploads = Uploads(tmp_path, load_contract().upload, wall=lambda: now)
    slot = uploads.open_slot()

    def form(signature: str, data: bytes) -> bytes:
        fields = {"key": slot.key, "x-amz-signature": signature}
        text = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        file = '--b\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: image/png\r\n'
        return text.encode() + file.encode() + b"\r\n" + data + b"\r\n--b--"

    kind = "multipart/form-data; boundary=b"
    with pytest.raises(StorageRefused, match="SignatureDoesNotMatch"):
        uploads.store(parse_form(form("0" * 64, b"x" * 600), kind))
    uri = f"runway://{slot.key}"
    assert uploads.find(uri) is None
    uploads.store(parse_form(form(slot.signature, b"x" * 600), kind))
    assert uploads.find(uri) == (b"x" * 600, "image/png")
    now = 24 * 3600.0
    assert uploads.find(uri) is None
    uploads.clear()
    assert not list(tmp_path.iterdir())


def test_credits_quota_and_usage_follow_the_tasks() -> None:
    """A charge lowers the balance, a refund restores it, and the quota's window rolls."""
    now = dt.datetime(2026, 3, 1, 23, 59, tzinfo=dt.UTC)
    account = Organization(
        credits=100, daily_limit=1, concurrency=3, models=("gen4_turbo",), now=lambda: now
    )
    account.charge("gen4_turbo", 25)
    assert account.over_daily_limit("gen4_turbo")
    now += dt.timedelta(minutes=2)
    account.refund("gen4_turbo", 25)
    assert account.credits == 100
    march = dt.date(2026, 3, 1)
    usage = account.usage(march, march + dt.timedelta(days=2))
    assert usage == {
        "models": ["gen4_turbo"],
        "results": [
            {"date": "2026-03-01", "usedCredits": [{"model": "gen4_turbo", "amount": 25}]},
            {"date": "2026-03-02", "usedCredits": [{"model": "gen4_turbo", "amount": -25}]},
        ],
    }
    now += dt.timedelta(hours=24)
    assert not account.over_daily_limit("gen4_turbo")
