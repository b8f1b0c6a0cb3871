"""
Export one owner's ledger from the local cloud: ``python -m tools.export_ledger --owner SUBJECT``.

``--anchor FILE`` and ``--public-key FILE`` also fetch the newest anchor and the key it is signed
with, as `tools.verify` takes them.
"""

import argparse
import base64
import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.session import Session

from dev.cloud.endpoints import Endpoints
from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.s3.anchors import S3AnchorVault
from echoes.adapters.s3.media import s3_client
from echoes.application.ports.credits import MAX_PAGE, Ledger
from echoes.domain.audit.anchors import anchor_to_json
from echoes.domain.audit.verification import write_entry
from echoes.domain.credits.entries import Entry
from echoes.domain.identifiers import OwnerId

FOREVER = "9999-12-31"


def main(arguments: list[str] | None = None) -> int:
    """Export what the command line names; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.export_ledger", description=__doc__)
    parser.add_argument("--owner", required=True, help="the subject of a user")
    parser.add_argument("--anchor", type=Path, help="where to write the newest anchor")
    parser.add_argument("--public-key", type=Path, help="where to write its key")
    given = parser.parse_args(arguments)
    endpoints = Endpoints.load()
    _reach(endpoints)
    outputs = {name: value for stack in endpoints.outputs.values() for name, value in stack.items()}
    ledger = DynamoLedger(
        entries_table=outputs["CreditEntriesTable"],
        state_table=outputs["CreditStateTable"],
        connection=connect(),
    )
    for entry in all_entries(ledger, OwnerId(given.owner)):
        print(write_entry(entry))
    if given.anchor:
        vault = S3AnchorVault(outputs["AnchorsBucket"], s3_client(endpoints.region))
        anchor = vault.latest_before(FOREVER)
        if anchor is None:
            print("no night has been anchored yet", file=sys.stderr)
            return 1
        given.anchor.write_text(anchor_to_json(anchor))
    if given.public_key:
        kms: Any = Session().create_client("kms", region_name=endpoints.region)
        der = kms.get_public_key(KeyId=outputs["AnchorKeyArn"])["PublicKey"]
        given.public_key.write_text(pem(der))
    return 0


def all_entries(ledger: Ledger, owner_id: OwnerId) -> Iterator[Entry]:
    """Yield every entry of *owner_id*, oldest first."""
    found: list[Entry] = []
    before: int | None = None
    while True:
        page = ledger.entries(owner_id, before=before, limit=MAX_PAGE)
        found += page.entries
        before = page.next_before
        if before is None:
            return reversed(found)


def pem(der: bytes) -> str:
    """Return a public key as PEM."""
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))


def _reach(endpoints: Endpoints) -> None:
    """Make AWS clients of this process talk to the local cloud, and to nothing else."""
    os.environ.update(
        AWS_ENDPOINT_URL=endpoints.aws_endpoint_url,
        AWS_REGION=endpoints.region,
        AWS_DEFAULT_REGION=endpoints.region,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106  # the emulator's fixed pair
    )


if __name__ == "__main__":
    sys.exit(main())
