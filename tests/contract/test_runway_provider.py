"""What is particular to Runway: statuses, refusals, silence, and whom to trust with a download."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dev.simulators.runway import EXAMPLE_API_KEY, RunwaySimulator, Settings
from dev.simulators.runway.faults import FAILURES
from dev.simulators.runway.media.rendering import RenderMode
from echoes.adapters.runway import client, downloads
from echoes.adapters.runway.failures import RULES, Kind, RetryAdvice, rule_for
from echoes.adapters.runway.prompts import WORDS, prompt_text
from echoes.adapters.runway.provider import RunwayVideoProvider
from echoes.adapters.runway.replies import STATES, Task, read_refusal
from echoes.application.ports.providers import GenerationOrder, JobState
from echoes.domain.clips.clip import MAX_PROMPT_UTF16_UNITS, Motion, utf16_units
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import CATALOGUE, ErrorCode
from echoes.domain.errors import (
    ProviderBusy,
    ProviderRefused,
    ResultGone,
    ResultUnusable,
    SubmissionUnknown,
    Unavailable,
)
from echoes.domain.identifiers import AttemptId, ProviderTaskId
from tests.contract.test_video_provider import ENDED, ORDER, PATIENCE_SECONDS

FAST = Settings(
    api_key=EXAMPLE_API_KEY, speed=2000, render=RenderMode.STILL, random_seed=1, spread=0.0
)
FROZEN = 0.01


@pytest.fixture(scope="module")
def running() -> Iterator[RunwaySimulator]:
    with RunwaySimulator(FAST) as simulator:
        yield simulator


@pytest.fixture
def runway(running: RunwaySimulator, monkeypatch: pytest.MonkeyPatch) -> RunwaySimulator:
    monkeypatch.setattr(client, "OFFER_TIMEOUT", (1, 1))
    monkeypatch.setattr(client, "ASK_PAUSE_SECONDS", 0.01)
    running.reset()
    return running


@pytest.fixture
def provider(runway: RunwaySimulator) -> RunwayVideoProvider:
    return RunwayVideoProvider(runway.url, lambda: f"{runway.api_key}\n", "gen4_turbo")


def end_of(provider: RunwayVideoProvider, task_id: ProviderTaskId) -> JobState:
    until = time.monotonic() + PATIENCE_SECONDS
    while (state := provider.get_job_status(task_id).state) not in ENDED:
        assert time.monotonic() < until
        time.sleep(0.02)
    return state


@pytest.mark.parametrize("fault", FAILURES, ids=str)
def test_every_failure_has_a_text_and_tells_what_it_cost(
    runway: RunwaySimulator, provider: RunwayVideoProvider, fault: str
) -> None:
    """PR3: each code becomes a code of ours; the vendor's stays with operators."""
    runway.inject(fault)
    task_id = provider.generate_clip(ORDER)

    assert end_of(provider, task_id) is JobState.FAILED
    status = provider.get_job_status(task_id)

    assert status.failure is rule_for(FAILURES[fault].code).error_code  # type: ignore[index]  # a str enum
    assert status.failure_code == FAILURES[fault].code  # type: ignore[index]  # the same
    assert status.cost is not None


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("SAFETY.INPUT.IMAGE", ErrorCode.MODERATION_BLOCKED),
        ("SAFETY.OUTPUT.VIDEO", ErrorCode.MODERATION_BLOCKED),
        ("INPUT_PREPROCESSING.SAFETY.TEXT", ErrorCode.MODERATION_BLOCKED),
        ("INPUT_PREPROCESSING.INTERNAL", ErrorCode.GENERATION_FAILED),
        ("INTERNAL.BAD_OUTPUT.CODE01", ErrorCode.GENERATION_FAILED),
        ("INTERNAL", ErrorCode.GENERATION_FAILED),
        ("THIRD_PARTY.UNAVAILABLE", ErrorCode.PROVIDER_UNAVAILABLE),
        ("THIRD_PARTY.INPUT_VALIDATION", ErrorCode.PHOTO_UNREADABLE),
        ("ASSET.INVALID", ErrorCode.PHOTO_UNREADABLE),
        ("SOMETHING.NEW", ErrorCode.GENERATION_FAILED),
        (None, ErrorCode.GENERATION_FAILED),
    ],
)
def test_failure_codes_are_matched_by_their_beginning(
    code: str | None, expected: ErrorCode
) -> None:
    """The set is open: the family decides."""
    assert rule_for(code).error_code is expected


def test_the_text_agrees_with_the_retry_rule() -> None:
    """Nobody is told to try again what cannot succeed unchanged."""
    for rule in RULES:
        assert CATALOGUE[rule.error_code].retryable == (rule.again is not RetryAdvice.CHANGED)
        assert (rule.kind is Kind.MODERATION) == (rule.error_code is ErrorCode.MODERATION_BLOCKED)


@pytest.mark.parametrize(
    "fault", ["lost_reply", "timeout", "error_after_accept", "no_id", "500", "502", "503", "504"]
)
def test_whatever_leaves_doubt_is_said_to(
    runway: RunwaySimulator, provider: RunwayVideoProvider, fault: str
) -> None:
    """AJ3: one request, never repeated by the transport, and no claim to know."""
    runway.inject(fault)

    with pytest.raises(SubmissionUnknown):
        provider.generate_clip(ORDER)
    assert len(runway.tasks()) <= 1


@pytest.mark.parametrize("fault", ["429", "429_gateway"])
def test_a_quota_is_busy_and_certain(
    runway: RunwaySimulator, provider: RunwayVideoProvider, fault: str
) -> None:
    """It may be offered again, later."""
    runway.inject(fault)

    with pytest.raises(ProviderBusy):
        provider.generate_clip(ORDER)
    assert not runway.tasks()


def test_load_shedding_may_be_trusted_by_configuration(runway: RunwaySimulator) -> None:
    """Runway's documents say a 503 was not taken; who believes it says so."""
    runway.inject("503")
    trusting = RunwayVideoProvider(
        runway.url, lambda: runway.api_key, "gen4_turbo", shed_is_certain=True
    )

    with pytest.raises(ProviderBusy):
        trusting.generate_clip(ORDER)


def test_nobody_listening_is_certainly_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection, no task: the work may be offered again."""
    monkeypatch.setattr(client, "ASK_PAUSE_SECONDS", 0.01)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    absent = RunwayVideoProvider(f"http://127.0.0.1:{port}", lambda: "key", "gen4_turbo")

    with pytest.raises(ProviderBusy):
        absent.generate_clip(ORDER)
    with pytest.raises(Unavailable):
        absent.get_job_status(ProviderTaskId("any"))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("no_credits", ErrorCode.PROVIDER_UNAVAILABLE),
        ("401", ErrorCode.PROVIDER_UNAVAILABLE),
        ("403", ErrorCode.PROVIDER_UNAVAILABLE),
        ("413", ErrorCode.GENERATION_FAILED),
    ],
)
def test_our_own_troubles_are_not_the_owners(
    runway: RunwaySimulator, provider: RunwayVideoProvider, fault: str, expected: ErrorCode
) -> None:
    """A 400 for lack of our credits is no bad request of the user's."""
    runway.inject(fault)

    with pytest.raises(ProviderRefused) as refused:
        provider.generate_clip(ORDER)
    assert refused.value.failure is expected


def test_a_photo_that_runway_refuses_is_the_owners_to_change(
    provider: RunwayVideoProvider,
) -> None:
    """The field at fault decides the text."""
    with pytest.raises(ProviderRefused) as refused:
        provider.generate_clip(replace(ORDER, photo=b"no photo at all"))
    assert refused.value.failure is ErrorCode.PHOTO_UNREADABLE


def test_what_the_model_cannot_make_is_not_sent(runway: RunwaySimulator) -> None:
    """Veo makes four, six or eight seconds, wide or tall."""
    veo = RunwayVideoProvider(runway.url, lambda: runway.api_key, "veo3.1_fast")

    for order in (ORDER, replace(ORDER, duration_seconds=4, ratio=Ratio.SQUARE)):
        with pytest.raises(ProviderRefused):
            veo.generate_clip(order)
    assert veo.generate_clip(replace(ORDER, duration_seconds=4))


def test_throttled_tasks_wait_and_may_be_cancelled(
    runway: RunwaySimulator, provider: RunwayVideoProvider
) -> None:
    """Over the tier's concurrency: stored, free to cancel, twice if need be."""
    runway.change(concurrency=1, speed=FROZEN)
    first, second = provider.generate_clip(ORDER), provider.generate_clip(ORDER)

    assert provider.get_job_status(second).state is JobState.THROTTLED
    assert provider.cancel(second)
    assert provider.cancel(second)
    assert provider.get_job_status(first).state in {JobState.QUEUED, JobState.RUNNING}


def test_a_running_task_is_not_cancelled(
    runway: RunwaySimulator, provider: RunwayVideoProvider
) -> None:
    """It would be charged all the same."""
    task_id = provider.generate_clip(ORDER)
    until = time.monotonic() + PATIENCE_SECONDS
    runway.change(speed=50)
    while provider.get_job_status(task_id).state is not JobState.RUNNING:
        assert time.monotonic() < until
        time.sleep(0.005)
    runway.change(speed=FROZEN)

    assert not provider.cancel(task_id)
    assert provider.get_job_status(task_id).state is JobState.RUNNING


@pytest.mark.parametrize("fault", ["500", "503", "429"])
def test_questions_are_repeated(
    runway: RunwaySimulator, provider: RunwayVideoProvider, fault: str
) -> None:
    """PR4: twice refused and then answered is answered; three times is `Unavailable`."""
    task_id = provider.generate_clip(ORDER)
    runway.inject(fault, count=2, on="retrieve")
    assert provider.get_job_status(task_id)

    runway.inject(fault, count=3, on="retrieve")
    with pytest.raises(Unavailable):
        provider.get_job_status(task_id)


def test_an_expired_address_is_renewed_once(
    runway: RunwaySimulator, provider: RunwayVideoProvider, tmp_path: Path
) -> None:
    """The task knows a fresh one; if that has expired too, it is tried again later."""
    runway.inject("expired_url")
    task_id = provider.generate_clip(ORDER)
    until = time.monotonic() + PATIENCE_SECONDS
    while runway.tasks()[-1]["status"] != "SUCCEEDED":  # asking for it would use the expired one up
        assert time.monotonic() < until
        time.sleep(0.02)
    provider.fetch_result(task_id, tmp_path / "result")
    assert (tmp_path / "result").stat().st_size

    runway.inject("expired_url_always")
    task_id = provider.generate_clip(ORDER)
    end_of(provider, task_id)
    with pytest.raises(ResultGone):
        provider.fetch_result(task_id, tmp_path / "result")


def test_success_without_output_is_a_failure(
    runway: RunwaySimulator, provider: RunwayVideoProvider
) -> None:
    """Nobody waits for a video that is not there."""
    runway.inject("empty_output")
    task_id = provider.generate_clip(ORDER)

    assert end_of(provider, task_id) is JobState.FAILED
    assert provider.get_job_status(task_id).failure is ErrorCode.GENERATION_FAILED


@pytest.mark.parametrize(
    "url",
    [
        "http://x.cloudfront.net/a.mp4",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a.mp4",
        "https://evil.example/a.mp4",
        "https://cloudfront.net.evil.example/a.mp4",
        "https://user@x.cloudfront.net/a.mp4",
        "https://x.cloudfront.net:8443/a.mp4",
        "file:///etc/passwd",
        "https://notcloudfront.net/a.mp4",
    ],
)
def test_results_are_fetched_only_from_where_runway_keeps_them(url: str, tmp_path: Path) -> None:
    """An answer cannot send us anywhere else."""
    base = urlsplit("https://api.dev.runwayml.com")

    with pytest.raises(ResultUnusable):
        downloads.download(url, tmp_path / "result", base=base)


def test_downloads_are_bounded(
    provider: RunwayVideoProvider,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In bytes, whatever the server announces."""
    task_id = provider.generate_clip(ORDER)
    end_of(provider, task_id)
    monkeypatch.setattr(downloads, "MAX_RESULT_BYTES", 100)

    with pytest.raises(ResultUnusable):
        provider.fetch_result(task_id, tmp_path / "result")


def test_the_key_travels_only_over_https_or_to_this_machine() -> None:
    """A mistyped address must not cost the account."""
    with pytest.raises(ValueError, match="https"):
        RunwayVideoProvider("http://api.dev.runwayml.com", lambda: "key", "gen4_turbo")
    with pytest.raises(ValueError, match="model"):
        RunwayVideoProvider("https://api.dev.runwayml.com", lambda: "key", "gen3a_turbo")


def test_neither_keys_nor_prompts_nor_addresses_are_logged(
    runway: RunwaySimulator,
    provider: RunwayVideoProvider,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Logs are read by more people than may know these."""
    caplog.set_level("DEBUG", logger="service_undefined")
    runway.inject("503", on="retrieve")
    task_id = provider.generate_clip(replace(ORDER, prompt="my grandmother's secret"))
    end_of(provider, task_id)
    provider.fetch_result(task_id, tmp_path / "result")

    text = "\n".join(str(record.__dict__) for record in caplog.records)
    assert "runway" in text
    for secret in (runway.api_key, "grandmother", "_jwt", "base64"):
        assert secret not in text


def test_prompts_fit_and_say_where_the_camera_goes() -> None:
    """UTF-16 units are counted; the owner's words come first and are never cut."""
    assert set(WORDS) == set(Motion)
    assert prompt_text(Motion.PAN_LEFT, None) == WORDS[Motion.PAN_LEFT]
    assert prompt_text(Motion.TILT_UP, "A dog.") == f"A dog. {WORDS[Motion.TILT_UP]}"
    longest = "😀" * 500
    assert prompt_text(Motion.AUTO, longest) == longest
    assert utf16_units(longest) == MAX_PROMPT_UTF16_UNITS


@pytest.mark.parametrize("status", [*STATES, "PAUSED"])
def test_answers_are_read_tolerantly(status: str) -> None:
    """Missing fields, unknown ones and an older spelling are no reason to fail."""
    task = Task.model_validate({"status": status, "output": None, "novelty": {"a": 1}})

    assert task.output == []
    assert (task.state is None) == (status == "PAUSED")
    assert read_refusal(b"<html>Bad gateway</html>").error == ""
    assert read_refusal(b'{"message": "Too Many Requests"}').message


def test_a_connection_reset_is_doubt() -> None:
    """The request was sent; what became of it nobody knows."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept_and_drop() -> None:
            connection, _ = listening.accept()
            connection.recv(1024)
            connection.close()

        thread = threading.Thread(target=accept_and_drop)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(SubmissionUnknown):
            RunwayVideoProvider(url, lambda: "key", "gen4_turbo").generate_clip(an_order())
        thread.join()


def an_order() -> GenerationOrder:
    return replace(ORDER, attempt_id=AttemptId("clip-1"))
