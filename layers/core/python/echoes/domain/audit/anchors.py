"""
Anchors: a snapshot of all accounts each night, stored where nobody can change it.

A chain of hashes does not stop an attacker with write access from rewriting its tail together with
the account. An anchor does: it names the last entry of every owner and its hash. A Merkle tree
binds the list, a signature binds the tree's root, and each anchor binds the one before it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from echoes.domain.credits.entries import Entry
from echoes.domain.identifiers import OwnerId

FORMAT: Final = "echoes-anchor"
VERSION: Final = 1
LEAF: Final = b"\x00"
NODE: Final = b"\x01"
"""Leaves and nodes are hashed apart, so that no list of nodes passes for a list of leaves."""

EMPTY_ROOT: Final = sha256(LEAF).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredHead:
    """The last entry of one owner, and its hash."""

    owner_id: OwnerId
    seq: int
    hash: str

    def fault_in(self, entries: Sequence[Entry]) -> tuple[int, str] | None:
        """Return number and fault of the first of *entries* (all, oldest first) that disagrees."""
        if len(entries) < self.seq:
            return len(entries) + 1, f"is missing: the anchor knows {self.seq} entries"
        if self.seq and entries[self.seq - 1].hash != self.hash:
            return self.seq, "is not the one that was anchored: it or one before it was rewritten"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is signed: a short statement that covers every entry of every owner."""

    day: str
    """The night it was made, as ``2026-01-31``, UTC."""

    root: str
    heads: int
    previous_root: str
    """The root of the anchor before; empty in the first."""

    def signed_bytes(self) -> bytes:
        """Return the bytes a signature is made over."""
        return json.dumps(self.as_json(), sort_keys=True, separators=(",", ":")).encode()

    def as_json(self) -> dict[str, object]:
        """Return the statement as it is stored."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "day": self.day,
            "root": self.root,
            "heads": self.heads,
            "previous_root": self.previous_root,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signed a statement, how, and the signature in base64."""

    key_id: str
    algorithm: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A signed statement, and the list that it covers, by owner."""

    statement: Statement
    signature: Signature
    heads: tuple[AnchoredHead, ...]


def root_of(heads: Sequence[AnchoredHead]) -> str:
    """Return the Merkle root of *heads*, which are sorted by owner, no owner twice."""
    owners = [head.owner_id for head in heads]
    if owners != sorted(set(owners)):
        raise ValueError("an anchor must list every owner once, in order")
    level = [_leaf(head) for head in heads]
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        # With an odd number, the last one moves up unchanged.
        level = [_node(*pair) if len(pair) > 1 else pair[0] for pair in pairs]
    return level[0].hex()


def in_order(heads: Sequence[AnchoredHead]) -> tuple[AnchoredHead, ...]:
    """
    Return *heads* sorted by owner, each owner once.

    An owner seen twice (the table was read over several hours) keeps the newest head.
    """
    newest: dict[OwnerId, AnchoredHead] = {}
    for head in sorted(heads, key=lambda each: each.seq):
        newest[head.owner_id] = head
    return tuple(newest[owner] for owner in sorted(newest))


def anchor_to_json(anchor: Anchor) -> str:
    """Return *anchor* as it is stored: one JSON document."""
    signature = anchor.signature
    return json.dumps(
        {
            "statement": anchor.statement.as_json(),
            "signature": {
                "key_id": signature.key_id,
                "algorithm": signature.algorithm,
                "value": signature.value,
            },
            "heads": [(head.owner_id, head.seq, head.hash) for head in anchor.heads],
        }
    )


def anchor_from_json(text: str) -> Anchor:
    """Return the anchor in *text*. Raises `ValueError` if it is not one."""
    try:
        document = json.loads(text)
        stated, signature = document["statement"], document["signature"]
        if (stated["format"], stated["version"]) != (FORMAT, VERSION):
            raise ValueError("this is not an anchor of a known version")
        return Anchor(
            statement=_statement(stated),
            signature=Signature(
                key_id=str(signature["key_id"]),
                algorithm=str(signature["algorithm"]),
                value=str(signature["value"]),
            ),
            heads=tuple(
                AnchoredHead(owner_id=OwnerId(owner), seq=int(seq), hash=str(digest))
                for owner, seq, digest in document["heads"]
            ),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("this is not an anchor") from error


def _statement(stated: Mapping[str, object]) -> Statement:
    return Statement(
        day=str(stated["day"]),
        root=str(stated["root"]),
        heads=int(str(stated["heads"])),
        previous_root=str(stated["previous_root"]),
    )


def _leaf(head: AnchoredHead) -> bytes:
    facts = json.dumps((head.owner_id, head.seq, head.hash), separators=(",", ":"))
    return sha256(LEAF + facts.encode()).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()
