"""An export of the ledger, verified offline."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dev.fakes.audit import InMemoryAnchorSigner
from dev.fakes.credits import InMemoryLedger
from echoes.domain.audit.anchors import (
    Anchor,
    AnchoredHead,
    Statement,
    anchor_from_json,
    anchor_to_json,
    in_order,
    root_of,
)
from echoes.domain.audit.signatures import read_public_key
from echoes.domain.audit.verification import (
    anchor_fault,
    read_entries,
    verify_export,
    write_entry,
)
from echoes.domain.credits.entries import CHAIN_START, Entry, EntryType, hash_of
from echoes.domain.credits.holds import capture, place_hold
from echoes.domain.credits.postings import grant
from echoes.domain.identifiers import Credits, HoldId, OwnerId
from tests.support.factories import NOON, an_id, an_owner
from tools.export_ledger import all_entries
from tools.verify import main

ROOT = Path(__file__).resolve().parents[3]
SIGNER, STRANGER = InMemoryAnchorSigner(), InMemoryAnchorSigner()


def books() -> list[Entry]:
    """Return ten entries of one owner, oldest first."""
    ledger, owner = InMemoryLedger(), an_owner()
    for _ in range(4):
        ledger.post(
            grant(
                ledger.account(owner),
                type=EntryType.PURCHASE,
                reference=an_id(),
                amount=Credits(10),
                at=NOON,
                actor="système",
                reason='said "so" — 1 🙂',
            )
        )
    for _ in range(3):
        hold_id = HoldId(an_id())
        posting = place_hold(
            ledger.account(owner), hold_id=hold_id, amount=Credits(2), expires_at=NOON, at=NOON
        )
        ledger.post(posting)
        hold = ledger.hold(hold_id)
        assert hold is not None
        ledger.post(capture(ledger.account(owner), hold, at=NOON + timedelta(seconds=1)))
    return list(all_entries(ledger, owner))


def exported(entries: list[Entry]) -> list[str]:
    return [write_entry(entry) for entry in entries]


def anchored(entries: list[Entry], *, signer: InMemoryAnchorSigner = SIGNER) -> Anchor:
    heads = in_order(
        [
            AnchoredHead(owner_id=entries[-1].owner_id, seq=len(entries), hash=entries[-1].hash),
            *(AnchoredHead(owner_id=an_owner(), seq=n, hash=f"{n:064x}") for n in range(1, 5)),
        ]
    )
    statement = Statement(day="2026-01-01", root=root_of(heads), heads=5, previous_root="")
    return Anchor(statement=statement, signature=signer.sign(statement.signed_bytes()), heads=heads)


def rehashed(entries: list[Entry]) -> list[Entry]:
    """Forge every hash, so that the chain alone looks right."""
    before, forged = CHAIN_START, []
    for entry in entries:
        linked = replace(entry, previous_hash=before)
        forged.append(replace(linked, hash=hash_of(linked)))
        before = forged[-1].hash
    return forged


def test_an_export_comes_back_to_the_letter() -> None:
    """Any words, any time: what was written is what is read."""
    entries = books()
    assert list(read_entries(exported(entries))) == entries
    verdict = verify_export(exported(entries))
    assert (verdict.intact, verdict.entries, verdict.owner_id) == (True, 10, entries[0].owner_id)


def removed(lines: list[str]) -> int:
    del lines[4]
    return 5


def swapped(lines: list[str]) -> int:
    lines[2], lines[3] = lines[3], lines[2]
    return 3


def repeated(lines: list[str]) -> int:
    lines.insert(6, lines[5])
    return 7


def beheaded(lines: list[str]) -> int:
    del lines[0]
    return 1


def reworded(lines: list[str]) -> int:
    lines[1] = lines[1].replace("said", "says")
    return 2


def broken(lines: list[str]) -> int:
    lines[7] = lines[7][:-20]
    return 8


def added_to(lines: list[str]) -> int:
    lines[3] = json.dumps(json.loads(lines[3]) | {"bonus": 1})
    return 4


def mistyped(lines: list[str]) -> int:
    lines[8] = json.dumps(json.loads(lines[8]) | {"posted_delta": True})
    return 9


@pytest.mark.parametrize(
    "tamper", [removed, swapped, repeated, beheaded, reworded, broken, added_to, mistyped]
)
def test_the_first_bad_entry_is_named(tamper: Callable[[list[str]], int]) -> None:
    """L16: an edit, a deletion, an insertion, another order, an invalid line."""
    lines = exported(books())
    bad = tamper(lines)
    verdict = verify_export(lines)
    assert not verdict.intact
    assert verdict.bad_seq == bad


def test_only_the_anchor_shows_a_tail_that_was_cut_off() -> None:
    """L16: the rest is a sound chain; the anchor knows that there was more."""
    entries = books()
    anchor, cut = anchored(entries), exported(entries[:7])
    assert verify_export(cut).intact
    verdict = verify_export(cut, anchor=anchor)
    assert (verdict.intact, verdict.bad_seq) == (False, 8)
    assert not verify_export([], anchor=anchor).intact


def test_only_the_anchor_shows_a_tail_that_was_rewritten() -> None:
    """L16: the forger recomputed every hash; the anchored one differs."""
    entries = books()
    anchor = anchored(entries)
    forged = exported(rehashed([replace(entry, reason="gift") for entry in entries]))
    assert verify_export(forged).intact
    assert not verify_export(forged, anchor=anchor).intact


def test_an_export_may_be_newer_than_the_anchor() -> None:
    """What came after the night is not the night's to know; a stranger's list knows nothing."""
    entries = books()
    assert verify_export(exported(entries), anchor=anchored(entries[:6])).intact
    assert verify_export(exported(entries), anchor=anchored(books())).intact


def test_an_anchor_is_trusted_only_with_its_signature() -> None:
    """Another list, another count, another day, another key, another algorithm: all are refused."""
    entries = books()
    anchor, key = anchored(entries), read_public_key(SIGNER.public_key)
    assert anchor_fault(anchor, key) is None
    assert anchor_fault(anchor_from_json(anchor_to_json(anchor)), key) is None
    first, *rest = anchor.heads
    signature = anchor.signature
    forgeries = (
        replace(anchor, heads=(replace(first, seq=first.seq + 1), *rest)),
        replace(anchor, heads=tuple(rest)),
        replace(anchor, heads=(first, *anchor.heads)),
        replace(anchor, statement=replace(anchor.statement, day="2026-01-02")),
        replace(anchor, statement=replace(anchor.statement, previous_root="0" * 64)),
        replace(anchor, signature=replace(signature, algorithm="none")),
        replace(anchor, signature=replace(signature, value="")),
        replace(anchor, signature=replace(signature, value="???")),
        anchored(entries, signer=STRANGER),
    )
    for forged in forgeries:
        assert anchor_fault(forged, key) is not None


def test_a_leaf_is_no_node() -> None:
    """Merkle: two lists have one root only if they are the same list."""
    heads = [AnchoredHead(owner_id=OwnerId(f"o{n}"), seq=n, hash="0" * 64) for n in range(1, 8)]
    roots = {root_of(heads[:length]) for length in range(8)}
    assert len(roots) == 8
    with pytest.raises(ValueError, match="in order"):
        root_of(heads[::-1])


@pytest.mark.parametrize("text", ["", "AAAA", "-----BEGIN PUBLIC KEY-----\n!!\n", "MAA="])
def test_what_is_no_key_is_refused(text: str) -> None:
    """A file of something else is an error, not a key that verifies nothing."""
    with pytest.raises(ValueError, match="key"):
        read_public_key(text)


def test_the_command_says_intact_or_names_the_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0 and "intact", or 1 and the first bad entry; an anchor of a stranger is 1 too."""
    entries = books()
    export, anchor, key = tmp_path / "it.jsonl", tmp_path / "anchor.json", tmp_path / "key.pem"
    export.write_text("\n".join(exported(entries)))
    anchor.write_text(anchor_to_json(anchored(entries)))
    key.write_text(SIGNER.public_key)
    checked = [str(export), "--anchor", str(anchor), "--public-key", str(key)]
    assert main([str(export)]) == 0
    assert "intact: 10 entries" in capsys.readouterr().out
    assert main(checked) == 0
    assert "as anchored on 2026-01-01" in capsys.readouterr().out
    export.write_text("\n".join(exported(entries[:9])))
    assert main(checked) == 1
    assert "BROKEN at entry 10" in capsys.readouterr().out
    key.write_text(STRANGER.public_key)
    assert main(checked) == 1
    assert "NOT TRUSTED" in capsys.readouterr().out


def test_verifying_needs_nothing_but_python(tmp_path: Path) -> None:
    """No running service, no vendor: an isolated interpreter and the domain's sources."""
    export = tmp_path / "it.jsonl"
    export.write_text("\n".join(exported(books())))
    program = (
        "import runpy, sys; sys.path[:0] = sys.argv[1:3]; sys.argv[:] = ['verify', sys.argv[3]];"
        "runpy.run_module('tools.verify', run_name='__main__')"
    )
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-S", "-c", program),
            *(str(ROOT / "layers/core/python"), str(ROOT), str(export)),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout[:7]) == (0, "intact:"), done.stderr
