"""Guest tokens: signed by us, for people without an account."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import jwt

from echoes.adapters.tokens.identities import Identity, InvalidToken

ISSUER: Final = "echoes-guests"
ALGORITHM: Final = "HS256"
SUBJECT: Final = r"guest-[a-z2-7]{24}"
LEEWAY_SECONDS: Final = 5
"""How much the clocks of two machines may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestTokens:
    """Issues and verifies guest tokens. ``keys`` returns the current key first."""

    keys: Callable[[], Sequence[bytes]]

    def issue(self, guest_id: str, since: datetime, until: datetime) -> str:
        """Return a token for *guest_id*, valid until *until*; same arguments, same token."""
        claims = {
            "iss": ISSUER,
            "sub": guest_id,
            "iat": int(since.timestamp()),
            "exp": int(until.timestamp()),
        }
        return jwt.encode(claims, self.keys()[0], algorithm=ALGORITHM)

    def verify(self, token: str) -> Identity:
        """Return the guest. Raises `InvalidToken`, or `Unavailable` without keys."""
        for key in self.keys():
            try:
                claims = jwt.decode(
                    token,
                    key,
                    algorithms=[ALGORITHM],
                    issuer=ISSUER,
                    leeway=LEEWAY_SECONDS,
                    options={"require": ["iss", "sub", "iat", "exp"]},
                )
            except jwt.InvalidSignatureError:
                continue
            except jwt.PyJWTError as error:
                raise InvalidToken(type(error).__name__) from error
            if not re.fullmatch(SUBJECT, claims["sub"]):
                raise InvalidToken("the subject is not a guest")
            return Identity(subject=claims["sub"], kind="guest")
        raise InvalidToken("not signed with one of our keys")
