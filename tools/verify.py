"""
Verify an export of the ledger offline: ``python -m tools.verify export.jsonl [--anchor FILE]``.

Says that it is intact, or names the first entry that cannot be right, and exits with 1. It needs
only Python and ``echoes.domain``. With ``--public-key`` (PEM, of the KMS key; kept by another
person than the one who keeps the ledger) the anchor's signature is checked too.
"""

import argparse
import sys
from pathlib import Path

from echoes.domain.audit.anchors import Anchor, anchor_from_json
from echoes.domain.audit.signatures import read_public_key
from echoes.domain.audit.verification import anchor_fault, verify_export


def main(arguments: list[str] | None = None) -> int:
    """Verify what the command line names; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.verify", description=__doc__)
    parser.add_argument("export", type=Path, help="one entry a line, oldest first")
    parser.add_argument("--anchor", type=Path, help="the anchor of a night")
    parser.add_argument("--public-key", type=Path, help="who should have signed it (PEM)")
    given = parser.parse_args(arguments)
    if given.public_key and not given.anchor:
        parser.error("a public key without an anchor has nothing to verify")
    anchor = None
    if given.anchor:
        try:
            anchor = _trusted(given.anchor, given.public_key)
        except ValueError as error:
            print(f"NOT TRUSTED: the anchor: {error}")
            return 1
    with given.export.open() as lines:
        verdict = verify_export(lines, anchor=anchor)
    if not verdict.intact:
        print(f"BROKEN at entry {verdict.bad_seq} of {verdict.owner_id}: {verdict.what}")
        return 1
    print(f"intact: {verdict.entries} entries of {verdict.owner_id}{_against(anchor, given)}")
    return 0


def _trusted(file: Path, public_key: Path | None) -> Anchor:
    """Return the anchor in *file*. Raises `ValueError` if it cannot be trusted."""
    anchor = anchor_from_json(file.read_text())
    key = read_public_key(public_key.read_text()) if public_key else None
    fault = anchor_fault(anchor, key)
    if fault is not None:
        raise ValueError(fault)
    return anchor


def _against(anchor: Anchor | None, given: argparse.Namespace) -> str:
    if anchor is None:
        return " (without an anchor a tail that was cut off or rewritten is not seen)"
    signed = "" if given.public_key else ", whose signature was not checked"
    return f", as anchored on {anchor.statement.day}{signed}"


if __name__ == "__main__":
    sys.exit(main())
