"""What the audit reads, keeps and signs with: in memory, and on DynamoDB, S3 and KMS."""

from base64 import b64decode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.session import Session
from pynamodb.connection import Connection

from dev.fakes.audit import InMemoryAnchorSigner, InMemoryAnchorVault, InMemoryBooks
from dev.fakes.clips import InMemoryClips
from dev.fakes.clock import FakeClock
from dev.fakes.credits import InMemoryLedger
from echoes.adapters.dynamodb.books import DynamoBooks
from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.kms.signer import KmsAnchorSigner, kms_client
from echoes.adapters.s3.anchors import S3AnchorVault
from echoes.adapters.s3.media import s3_client
from echoes.application.audit.audit_books import AuditBooks
from echoes.application.ports.audit import (
    AnchorPart,
    AnchorSigner,
    AnchorVault,
    Books,
    StatePage,
)
from echoes.application.ports.clips import ClipChange, Clips
from echoes.application.ports.credits import Ledger
from echoes.domain.audit.anchors import Anchor, AnchoredHead, Signature, Statement, root_of
from echoes.domain.audit.books import BookFault, Rule, cause_of
from echoes.domain.audit.signatures import read_public_key
from echoes.domain.clips.clip import fail
from echoes.domain.credits.entries import EntryKind, EntryType
from echoes.domain.credits.holds import place_hold, release
from echoes.domain.credits.postings import adjust, grant
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import Conflict
from echoes.domain.identifiers import Credits, HoldId, OwnerId
from tests.support.factories import NOON, a_clip, an_id, an_owner
from tests.support.local_aws import REGION, LocalAws
from tests.support.storage import CREDIT_ENTRIES, CREDIT_STATE, RECORDS
from tools.export_ledger import pem

AUDITORS_DAY = NOON + timedelta(minutes=5)


@dataclass(frozen=True)
class Archive:
    """Books under test, and what writes them."""

    books: Books
    ledger: Ledger
    clips: Clips


@pytest.fixture(params=["memory", "dynamodb"])
def archive(request: pytest.FixtureRequest) -> Archive:
    if request.param == "memory":
        library = InMemoryClips()
        memory = InMemoryLedger(clips=library)
        return Archive(books=InMemoryBooks(memory, library), ledger=memory, clips=library)
    return on_dynamodb(request.getfixturevalue("connection"))


def on_dynamodb(connection: Connection) -> Archive:
    return Archive(
        books=DynamoBooks(
            entries_table=CREDIT_ENTRIES,
            state_table=CREDIT_STATE,
            records_table=RECORDS,
            connection=connection,
        ),
        ledger=DynamoLedger(
            entries_table=CREDIT_ENTRIES,
            state_table=CREDIT_STATE,
            records_table=RECORDS,
            connection=connection,
        ),
        clips=DynamoClips(RECORDS, connection),
    )


@pytest.fixture(params=["memory", "s3"])
def vault(request: pytest.FixtureRequest) -> AnchorVault:
    if request.param == "memory":
        return InMemoryAnchorVault()
    request.getfixturevalue("aws")
    bucket = f"anchors-{an_id()}"
    boto3.client("s3").create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    return S3AnchorVault(bucket, s3_client(REGION))


def lived(archive: Archive) -> OwnerId:
    """Return an owner with a purchase, a correction, a clip given back and one under way."""
    owner, ledger = an_owner(), archive.ledger
    ledger.post(
        grant(
            ledger.account(owner),
            type=EntryType.PURCHASE,
            reference=f"cs_{an_id()}#1",
            amount=Credits(9),
            at=NOON,
            actor=owner,
        )
    )
    ledger.post(
        adjust(
            ledger.account(owner),
            reference=an_id(),
            amount=Credits(-2),
            at=NOON,
            actor="operator",
            reason="too many",
        )
    )
    for ends in (True, False):
        clip = a_clip(owner_id=owner)
        placed = place_hold(
            ledger.account(owner),
            hold_id=clip.attempt.hold_id,
            amount=Credits(1),
            expires_at=NOON + timedelta(hours=1),
            at=NOON,
        )
        ledger.post(placed, alongside=ClipChange(clip=clip))
        hold = ledger.hold(clip.attempt.hold_id)
        assert hold is not None
        if ends:
            failed = fail(clip, ErrorCode.GENERATION_FAILED, at=NOON)
            given_back = release(ledger.account(owner), hold, at=NOON)
            ledger.post(given_back, alongside=ClipChange(clip=failed))
    return owner


def pages(books: Books, *, limit: int = 3) -> list[StatePage]:
    found = [books.page(after=None, limit=limit)]
    while found[-1].after is not None:
        found.append(books.page(after=found[-1].after, limit=limit))
    return found


def auditor(archive: Archive) -> AuditBooks:
    return AuditBooks(
        books=archive.books,
        ledger=archive.ledger,
        vault=InMemoryAnchorVault(),
        signer=InMemoryAnchorSigner(),
        clock=FakeClock(at=AUDITORS_DAY),
    )


def test_every_account_guard_and_hold_is_on_one_page(archive: Archive) -> None:
    """R7, R8: pages of the state join without a gap or a repeat."""
    owners = [lived(archive) for _ in range(3)]
    found = pages(archive.books)
    for owner in owners:
        assert [o for page in found for o in page.owners].count(owner) == 1
        entries = archive.ledger.entries(owner, before=None, limit=100).entries
        guards = [g for page in found for g in page.guards if g.owner_id == owner]
        assert {(g.cause, g.seq) for g in guards} == {
            (cause_of(e), e.seq) for e in entries if e.type is EntryType.PURCHASE
        }
        holds = [h for page in found for h in page.holds if h.hold.owner_id == owner]
        assert sorted(h.listed for h in holds) == [False, True]
        for stored in holds:
            assert archive.ledger.hold(stored.hold.hold_id) == stored.hold


def test_guards_holds_entries_and_clips_are_found_by_name(archive: Archive) -> None:
    """R3, R6, R7: what is there is found whole; what is not is left out."""
    owner, ledger = lived(archive), archive.ledger
    entries = ledger.entries(owner, before=None, limit=100).entries
    causes = [cause_of(e) for e in entries if e.type is EntryType.PURCHASE]
    guards = archive.books.guards([*causes, cause_of(entries[0])])
    assert set(guards) == set(causes)
    placed = [HoldId(e.reference) for e in entries if e.kind is EntryKind.HOLD]
    holds = archive.books.holds([*placed, HoldId("none")])
    assert holds == {hold_id: ledger.hold(hold_id) for hold_id in placed}
    places = [(owner, e.seq) for e in entries]
    assert archive.books.entries_at([*places, (owner, 99)]) == {(owner, e.seq): e for e in entries}
    assert {c.attempt.hold_id for c in archive.books.clips(owner)} == set(placed)
    assert archive.books.guards([]) == {}


def test_more_names_than_a_batch_are_found(archive: Archive) -> None:
    """DynamoDB gives a hundred at once; an owner may have more."""
    owner, ledger = an_owner(), archive.ledger
    for number in range(101):
        ledger.post(
            grant(
                ledger.account(owner),
                type=EntryType.SHARE,
                reference=f"{owner}-{number}",
                amount=Credits(1),
                at=NOON,
                actor=owner,
            )
        )
    assert auditor(archive).audit_owner(owner).faults == ()
    places = [(owner, seq) for seq in range(1, 102)]
    assert len(archive.books.entries_at(places)) == 101


def test_books_in_order_are_found_in_order(archive: Archive) -> None:
    """R1 to R7 on the stored things themselves."""
    audit = auditor(archive)
    owner = lived(archive)
    found = audit.audit_owner(owner)
    account = archive.ledger.account(owner)
    assert found.faults == ()
    assert found.head == AnchoredHead(owner_id=owner, seq=account.seq, hash=account.chain_hash)


@pytest.mark.parametrize(
    ("table", "key", "attribute", "value", "rule"),
    [
        (CREDIT_ENTRIES, ("U#{owner}", "TX#0000000001"), "posted_delta", {"N": "900"}, Rule.CHAIN),
        (CREDIT_ENTRIES, ("U#{owner}", "TX#0000000002"), "type", {"S": "gift"}, Rule.READABLE),
        (CREDIT_ENTRIES, ("U#{owner}", "TX#0000000002"), "seq", {"S": "two"}, Rule.READABLE),
        (CREDIT_STATE, ("U#{owner}", "HEAD"), "available", {"N": "900"}, Rule.HEAD),
        (CREDIT_STATE, ("U#{owner}", "HEAD"), "available", {"N": "-1"}, Rule.READABLE),
        (CREDIT_STATE, ("HOLD#{hold}", "HOLD"), "amount", {"N": "2"}, Rule.HOLDS),
        (CREDIT_STATE, ("HOLD#{hold}", "HOLD"), "status", {"S": "lost"}, Rule.READABLE),
    ],
)
def test_an_item_changed_behind_our_back_is_found(
    connection: Connection,
    dynamodb: Any,  # noqa: ANN401  # boto3's clients are made at run time
    table: str,
    key: tuple[str, str],
    attribute: str,
    value: dict[str, str],
    rule: Rule,
) -> None:
    """L16, R12: what we would never write is a finding, and never the end of the audit."""
    archive = on_dynamodb(connection)
    owner = lived(archive)
    (hold,) = (c.attempt.hold_id for c in archive.books.clips(owner) if not c.attempt.ended)
    pk, sk = (part.format(owner=owner, hold=hold) for part in key)
    dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": pk}, "sk": {"S": sk}},
        UpdateExpression="SET #attribute = :value",
        ExpressionAttributeNames={"#attribute": attribute},
        ExpressionAttributeValues={":value": value},
    )
    assert rule in {fault.rule for fault in auditor(archive).audit_owner(owner).faults}
    if rule is Rule.READABLE and sk == "HOLD":
        assert pk in [key for page in pages(archive.books) for key in page.unreadable]
        dynamodb.delete_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}})


def a_part(number: int, *, after: str | None = None) -> AnchorPart:
    heads = (AnchoredHead(owner_id=OwnerId("ada"), seq=number, hash="0" * 64),)
    fault = BookFault(rule=Rule.HOLDS, owner_id=OwnerId("ada"), seq=3, what="is not stored")
    unknown = BookFault(rule=Rule.READABLE, owner_id=None, what="é")
    return AnchorPart(number=number, heads=heads, faults=(fault, unknown), after=after)


def an_anchor(day: str) -> Anchor:
    heads = a_part(1).heads
    return Anchor(
        statement=Statement(day=day, root=root_of(heads), heads=1, previous_root=""),
        signature=Signature(key_id="key", algorithm="none", value=""),
        heads=heads,
    )


def test_the_steps_of_a_night_are_kept_in_order(vault: AnchorVault) -> None:
    """The next call finds what was done; no step is written twice."""
    assert tuple(vault.parts("2026-01-01")) == ()
    steps = [a_part(number, after=f"after {number}") for number in range(1, 12)]
    for step in steps:
        vault.add("2026-01-01", step)
    assert tuple(vault.parts("2026-01-01")) == tuple(steps)
    assert tuple(vault.parts("2026-01-02")) == ()
    with pytest.raises(Conflict):
        vault.add("2026-01-01", a_part(3))


def test_a_night_is_sealed_once(vault: AnchorVault) -> None:
    """The first anchor of a day stays; the newest before a day is found."""
    assert not vault.sealed("2026-01-02")
    assert vault.latest_before("2026-01-02") is None
    for day in ("2026-01-02", "2025-12-31"):
        vault.seal(an_anchor(day))
        assert vault.sealed(day)
    vault.add("2026-01-03", a_part(1))
    with pytest.raises(Conflict):
        vault.seal(an_anchor("2026-01-02"))
    assert vault.latest_before("2026-01-04") == an_anchor("2026-01-02")
    assert vault.latest_before("2026-01-02") == an_anchor("2025-12-31")


def test_kms_signs_what_the_offline_verifier_accepts(aws: LocalAws) -> None:
    """L16: a signature of KMS's key, checked with whole numbers; not for other words."""
    del aws
    kms: Any = boto3.client("kms")
    key_id = kms.create_key(KeySpec="RSA_3072", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    signer: AnchorSigner = KmsAnchorSigner(key_id, kms_client(REGION, Session()))
    statement = an_anchor("2026-01-01").statement.signed_bytes()
    signature = signer.sign(statement)
    key = read_public_key(pem(kms.get_public_key(KeyId=key_id)["PublicKey"]))
    raw = b64decode(signature.value)
    assert key.verifies(statement, raw)
    assert not key.verifies(statement + b" ", raw)
    assert not key.verifies(statement, bytes(len(raw)))
