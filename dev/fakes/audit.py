"""The books, the vault of anchors and the signer, in memory."""

from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from itertools import islice

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dev.fakes.clips import InMemoryClips
from dev.fakes.credits import InMemoryLedger
from echoes.application.ports.audit import AnchorPart, StatePage, StoredHold
from echoes.domain.audit.anchors import Anchor, Signature
from echoes.domain.audit.books import Cause, Guard, Place
from echoes.domain.audit.signatures import ALGORITHM
from echoes.domain.clips.clip import Clip
from echoes.domain.credits.accounts import Hold, HoldStatus
from echoes.domain.credits.entries import Entry
from echoes.domain.errors import Conflict
from echoes.domain.identifiers import HoldId, OwnerId

KEY_BITS = 2048
"""Half a second to make; the real key has more."""


class InMemoryBooks:
    """The port `Books` over the ledger in memory: reads what that one keeps."""

    def __init__(self, ledger: InMemoryLedger, clips: InMemoryClips) -> None:
        self._ledger, self._clips = ledger, clips

    def page(self, *, after: str | None, limit: int) -> StatePage:
        """Return up to *limit* accounts, guards and holds, in the order of their keys."""
        ledger = self._ledger
        items: dict[str, OwnerId | Guard | Hold] = {}
        items |= {f"U#{owner}": owner for owner in ledger._accounts}  # noqa: SLF001  # the audit reads what is stored
        items |= {f"REF#{guard.cause}": guard for guard in self._all_guards().values()}
        items |= {f"HOLD#{hold_id}": hold for hold_id, hold in ledger._holds.items()}  # noqa: SLF001  # the same
        keys = list(islice((key for key in sorted(items) if after is None or key > after), limit))
        found = [items[key] for key in keys]
        return StatePage(
            owners=[OwnerId(item) for item in found if isinstance(item, str)],
            guards=[item for item in found if isinstance(item, Guard)],
            holds=[
                StoredHold(hold=item, listed=item.status is HoldStatus.OPEN)
                for item in found
                if isinstance(item, Hold)
            ],
            unreadable=(),
            after=keys[-1] if len(keys) == limit else None,
        )

    def entries_at(self, places: Collection[Place]) -> Mapping[Place, Entry]:
        """Return the entries at *places*."""
        found = {}
        for owner, seq in places:
            written = self._ledger._entries.get(owner, [])  # noqa: SLF001  # as above
            if 0 < seq <= len(written):
                found[owner, seq] = written[seq - 1]
        return found

    def guards(self, causes: Collection[Cause]) -> Mapping[Cause, Guard]:
        """Return the guards of *causes*."""
        kept = self._all_guards()
        return {cause: kept[cause] for cause in causes if cause in kept}

    def holds(self, hold_ids: Collection[HoldId]) -> Mapping[HoldId, Hold]:
        """Return the holds."""
        kept = self._ledger._holds  # noqa: SLF001  # as above
        return {hold_id: kept[hold_id] for hold_id in hold_ids if hold_id in kept}

    def clips(self, owner_id: OwnerId) -> Sequence[Clip]:
        """Return all clips of *owner_id*."""
        return [clip for clip in self._clips.all() if clip.owner_id == owner_id]

    def _all_guards(self) -> dict[Cause, Guard]:
        return {
            Cause((str(key[0]), str(key[1]), key[2])): Guard(
                cause=Cause((str(key[0]), str(key[1]), key[2])),
                owner_id=entry.owner_id,
                seq=entry.seq,
            )
            for key, entry in self._ledger._guards.items()  # noqa: SLF001  # as above
        }


class InMemoryAnchorVault:
    """The port `AnchorVault`: nothing is ever replaced or removed."""

    def __init__(self) -> None:
        self.anchors: dict[str, Anchor] = {}
        self._parts: dict[str, list[AnchorPart]] = {}

    def parts(self, day: str) -> Sequence[AnchorPart]:
        """Return the parts of the audit of *day* so far, in order."""
        return tuple(self._parts.get(day, ()))

    def add(self, day: str, part: AnchorPart) -> None:
        """Store *part*. Raises `Conflict` if there is one with that number."""
        kept = self._parts.setdefault(day, [])
        if part.number != len(kept) + 1:
            raise Conflict("this anchor already exists")
        kept.append(part)

    def seal(self, anchor: Anchor) -> None:
        """Store *anchor* as that of its day. Raises `Conflict` if the day has one."""
        if anchor.statement.day in self.anchors:
            raise Conflict("this anchor already exists")
        self.anchors[anchor.statement.day] = anchor

    def sealed(self, day: str) -> bool:
        """Return whether *day* has its anchor."""
        return day in self.anchors

    def latest_before(self, day: str) -> Anchor | None:
        """Return the newest anchor before *day*; ``None`` if there is none."""
        before = sorted(each for each in self.anchors if each < day)
        return self.anchors[before[-1]] if before else None


class InMemoryAnchorSigner:
    """The port `AnchorSigner` with an RSA key of its own; signs as KMS does."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)

    def sign(self, statement: bytes) -> Signature:
        """Return the signature over *statement*."""
        value = self._key.sign(statement, padding.PKCS1v15(), hashes.SHA256())
        return Signature(key_id="local", algorithm=ALGORITHM, value=b64encode(value).decode())

    @property
    def public_key(self) -> str:
        """The other half, as PEM."""
        return (
            self._key.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )
