"""AWS's errors are translated into the product's errors."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.clips.latencies import DynamoLatencies
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.adapters.stepfunctions.workflow import StepFunctionsWorkflow, stepfunctions_client
from echoes.application.ports.clips import ClipChange, FreeClip
from echoes.domain.clips.clip import ref
from echoes.domain.errors import Conflict, FreeClipUsed, NotFound, Unavailable
from tests.support.factories import NOON, a_clip, an_admin_read, an_upload

REGION = "us-east-1"
MACHINE = f"arn:aws:states:{REGION}:000000000000:stateMachine:generation"
Response = Callable[..., Any]


class _Body:
    """What botocore reads an answer from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:  # noqa: ANN401  # as urllib3's
        yield self._content


def answering(status: int, body: bytes) -> Response:
    def answer(**_: object) -> AWSResponse:
        headers: dict[str, str] = {}
        return AWSResponse("https://aws.test", status, headers, _Body(body))  # type: ignore[arg-type]  # enough of one

    return answer


def refusing(code: str, *, status: int = 400, **more: object) -> Response:
    return answering(status, json.dumps({"__type": f"com.amazonaws#{code}"} | more).encode())


def cancelled(*reasons: dict[str, object]) -> Response:
    return refusing("TransactionCanceledException", CancellationReasons=reasons)


def timing_out(error: Callable[..., Exception]) -> Response:
    def answer(**_: object) -> AWSResponse:
        raise error(endpoint_url="https://aws.test")

    return answer


OUT_OF_ORDER: dict[str, Response] = {
    "throttled": refusing("ThrottlingException"),
    "over capacity": refusing("ProvisionedThroughputExceededException"),
    "over the account's limit": refusing("RequestLimitExceeded"),
    "its own error": refusing("InternalServerError", status=500),
    "no words at all": answering(503, b""),
    "no connection": timing_out(ConnectTimeoutError),
    "no answer": timing_out(ReadTimeoutError),
}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def connection(answer: Response) -> Connection:
    made = Connection(region=REGION, max_retry_attempts=0)
    made.client.meta.events.register_first("before-send.dynamodb.*", answer)
    return made


@pytest.mark.parametrize("trouble", OUT_OF_ORDER)
def test_a_database_that_cannot_answer_is_unavailable(trouble: str) -> None:
    """For every fault and every call: `Unavailable`, with the vendor's error as cause."""
    broken = connection(OUT_OF_ORDER[trouble])
    clips = DynamoClips("records", broken)
    uploads = DynamoUploads("records", broken)
    access_audit = DynamoAccessAudit("records", "audit", broken)
    clip, upload = a_clip(), an_upload()
    questions: list[Callable[[], object]] = [
        lambda: clips.get(clip.owner_id, clip.clip_id),
        lambda: clips.save(ClipChange(clip=clip)),
        lambda: clips.save(ClipChange(clip=clip, free_clip=FreeClip.USE)),
        lambda: clips.due(at=NOON, limit=1),
        lambda: uploads.get(upload.owner_id, upload.upload_id),
        lambda: uploads.add([upload]),
        lambda: uploads.save(upload),
        lambda: access_audit.owner_of(clip.clip_id),
        lambda: access_audit.note(an_admin_read()),
        lambda: DynamoLatencies("records", broken).recent("runway", 5),
    ]

    for ask in questions:
        with pytest.raises(Unavailable) as raised:
            ask()
        assert isinstance(raised.value.__cause__, PynamoDBException)


def test_a_run_time_that_is_lost_is_no_error() -> None:
    """A clip does not fail because its run time could not be stored."""
    DynamoLatencies("records", connection(refusing("ThrottlingException"))).record("runway", 5, 1.0)


@pytest.mark.parametrize(
    "code", ["ConditionalCheckFailedException", "TransactionConflictException"]
)
def test_the_second_writer_is_in_conflict(code: str) -> None:
    """A write that met another one may be repeated from its beginning."""
    clips = DynamoClips("records", connection(refusing(code)))

    with pytest.raises(Conflict):
        clips.save(ClipChange(clip=a_clip()))


FREE_CLIP_USED: dict[str, object] = {
    "Code": "ConditionalCheckFailed",
    "Item": {"pk": {"S": "OWNER#o"}, "sk": {"S": "FREE#CLIP"}},
}
CLIP_WRITTEN: dict[str, object] = {"Code": "ConditionalCheckFailed"}
INNOCENT: dict[str, object] = {"Code": "None"}


@pytest.mark.parametrize(
    ("reasons", "meaning"),
    [
        ([INNOCENT, FREE_CLIP_USED], FreeClipUsed),
        ([CLIP_WRITTEN, INNOCENT], Conflict),
        ([CLIP_WRITTEN, FREE_CLIP_USED], Conflict),
        ([{"Code": "TransactionConflict"}, INNOCENT], Conflict),
        ([{"Code": "ThrottlingError"}, INNOCENT], Unavailable),
        ([{"Code": "ProvisionedThroughputExceeded"}, INNOCENT], Unavailable),
    ],
)
def test_a_refused_transaction_is_told_by_its_reason(
    reasons: list[dict[str, object]], meaning: type[Exception]
) -> None:
    """The free clip is only called used if nothing else stood in the way (FF6)."""
    clips = DynamoClips("records", connection(cancelled(*reasons)))

    with pytest.raises(meaning) as raised:
        clips.save(ClipChange(clip=a_clip(free=True), free_clip=FreeClip.USE))

    assert raised.type is meaning


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException"])
def test_our_own_mistakes_are_not_called_trouble(code: str) -> None:
    """A missing permission or a wrong request stays an unexpected error."""
    clips = DynamoClips("records", connection(refusing(code)))

    with pytest.raises(PynamoDBException):
        clips.save(ClipChange(clip=a_clip()))


def media(answer: Response) -> S3MediaStore:
    client = s3_client(REGION)
    client.meta.events.register_first("before-send.s3.*", answer)
    return S3MediaStore("bucket", client)


def s3_refusing(code: str, status: int) -> Response:
    return answering(status, f"<Error><Code>{code}</Code></Error>".encode())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask once only: waiting between attempts is botocore's affair."""
    monkeypatch.setattr("echoes.adapters.s3.media.ATTEMPTS", 1)
    monkeypatch.setattr("echoes.adapters.stepfunctions.workflow.ATTEMPTS", 1)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "trouble",
    [
        s3_refusing("SlowDown", 503),
        s3_refusing("InternalError", 500),
        s3_refusing("RequestTimeout", 400),
        timing_out(ConnectTimeoutError),
        timing_out(ReadTimeoutError),
    ],
)
def test_a_store_that_cannot_answer_is_unavailable(trouble: Response) -> None:
    """Reading, writing and deleting may be repeated later."""
    store = media(trouble)
    questions: list[Callable[[], object]] = [
        lambda: store.read("key", max_bytes=1),
        lambda: store.write("key", b"x", content_type="image/jpeg"),
        lambda: store.delete("folder/"),
    ]

    for ask in questions:
        with pytest.raises(Unavailable) as raised:
            ask()
        assert raised.value.__cause__ is not None


def test_a_missing_permission_is_not_called_missing_file() -> None:
    """S3 answers 403 for what is not there to those who may not list: that is our mistake."""
    with pytest.raises(ClientError):
        media(s3_refusing("AccessDenied", 403)).read("key", max_bytes=1)
    with pytest.raises(NotFound):
        media(s3_refusing("NoSuchKey", 404)).read("key", max_bytes=1)


def test_files_that_would_not_go_are_told() -> None:
    """S3 refuses single files in an answer that is a success on its face."""
    listed = b"<ListBucketResult><Contents><Key>folder/x</Key></Contents></ListBucketResult>"
    refused = b"<DeleteResult><Error><Key>folder/x</Key><Code>X</Code></Error></DeleteResult>"

    def answer(*, event_name: str, **_: object) -> Any:  # noqa: ANN401  # as its like
        return answering(200, refused if event_name.endswith("DeleteObjects") else listed)()

    with pytest.raises(Unavailable):
        media(answer).delete("folder/")


def test_signing_asks_nobody() -> None:
    """Links and forms are made while S3 is away: the status of a clip does not wait for it."""
    store = media(timing_out(ConnectTimeoutError))

    assert store.link("key", lifetime=timedelta(hours=1))
    assert store.form("key", content_type="a/b", max_bytes=1, lifetime=timedelta(hours=1)).fields


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "trouble",
    [
        refusing("ThrottlingException"),
        refusing("ExecutionLimitExceeded"),
        refusing("InternalFailure", status=500),
        timing_out(ConnectTimeoutError),
        timing_out(ReadTimeoutError),
    ],
)
def test_a_workflow_that_cannot_answer_is_unavailable(trouble: Response) -> None:
    """Starting, asking and stopping may be repeated later."""
    client = stepfunctions_client(REGION)
    client.meta.events.register_first("before-send.sfn.*", trouble)
    workflow = StepFunctionsWorkflow(client, MACHINE)

    for ask in (workflow.start, workflow.state, workflow.stop):
        with pytest.raises(Unavailable):
            ask(ref(a_clip()))


def test_a_workflow_we_may_not_use_is_our_mistake() -> None:
    """A missing state machine or permission is not `Unavailable`."""
    client = stepfunctions_client(REGION)
    client.meta.events.register_first("before-send.sfn.*", refusing("StateMachineDoesNotExist"))

    with pytest.raises(ClientError):
        StepFunctionsWorkflow(client, MACHINE).start(ref(a_clip()))
