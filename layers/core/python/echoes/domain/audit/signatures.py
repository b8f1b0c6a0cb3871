"""
RSA signatures, verified with integer arithmetic (RFC 8017, PKCS #1 v1.5 with SHA-256).

Checking an anchor takes only Python and the public key: no cloud account and no library.
Verifying handles no secret, so its timing reveals nothing.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

ALGORITHM: Final = "RSASSA_PKCS1_V1_5_SHA_256"
"""Its name at AWS KMS."""

MIN_MODULUS_BITS: Final = 2048
DIGEST_INFO: Final = bytes.fromhex("3031300d060960864801650304020105000420")
"""The prefix of a SHA-256 digest, spelled out in RFC 8017 (9.2, note 1)."""

RSA_ENCRYPTION: Final = bytes.fromhex("06092a864886f70d010101")
SEQUENCE, INTEGER, BIT_STRING = 0x30, 0x02, 0x03
LONG_FORM: Final = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """An RSA public key."""

    modulus: int
    exponent: int

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Return whether *signature* over *message* was made with the matching private key."""
        length = (self.modulus.bit_length() + 7) // 8
        number = int.from_bytes(signature)
        if len(signature) != length or number >= self.modulus:
            return False
        told = DIGEST_INFO + sha256(message).digest()
        # Build the whole block and compare it: forgeries have exploited lenient parsing.
        expected = b"\x00\x01" + b"\xff" * (length - len(told) - 3) + b"\x00" + told
        return pow(number, self.exponent, self.modulus).to_bytes(length) == expected


def read_public_key(text: str) -> PublicKey:
    """Return the key in *text*, PEM or bare base64 of DER (SPKI). Raises `ValueError`."""
    lines = [line for line in text.strip().splitlines() if not line.startswith("-----")]
    try:
        der = b64decode("".join(lines), validate=True)
        spki, rest = _take(der, SEQUENCE)
        algorithm, spki = _take(spki, SEQUENCE)
        bits, more = _take(spki, BIT_STRING)
        numbers, tail = _take(bits[1:], SEQUENCE)
        modulus, numbers = _take(numbers, INTEGER)
        exponent, numbers = _take(numbers, INTEGER)
    except (Base64Error, IndexError) as error:
        raise ValueError("this is not a public key") from error
    key = PublicKey(modulus=int.from_bytes(modulus), exponent=int.from_bytes(exponent))
    whole = not (rest or more or tail or numbers) and algorithm.startswith(RSA_ENCRYPTION)
    if not whole or key.modulus.bit_length() < MIN_MODULUS_BITS or key.exponent < 3:  # noqa: PLR2004  # 1 signs everything
        raise ValueError("this is not an RSA key of a safe size")
    return key


def _take(der: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the content of the first element of *der*, which is a *tag*, and what follows it."""
    if der[0] != tag:
        raise ValueError("this is not a public key")
    length, start = der[1], 2
    if length & LONG_FORM:
        start += length & ~LONG_FORM
        length = int.from_bytes(der[2:start])
    end = start + length
    if len(der) < end:
        raise ValueError("this key is truncated")
    return der[start:end], der[end:]
