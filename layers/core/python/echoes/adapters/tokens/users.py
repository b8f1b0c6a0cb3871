"""Access tokens of the user pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt

from echoes.adapters.tokens.identities import Identity, InvalidToken
from echoes.adapters.tokens.key_sets import KeySet

ALGORITHM: Final = "RS256"
"""The only algorithm of Cognito; a token's header cannot choose another one."""

LEEWAY_SECONDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTokens:
    """Verifies access tokens of one user pool, for one client."""

    issuer: str
    client_id: str
    keys: KeySet

    def verify(self, token: str) -> Identity:
        """Return the user. Raises `InvalidToken`, or `Unavailable` without keys."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise InvalidToken(type(error).__name__) from error
        if header.get("alg") != ALGORITHM:
            raise InvalidToken("signed with an unsupported algorithm")
        key = self.keys.key(str(header.get("kid")))
        if key.key_type != "RSA":
            raise InvalidToken("wrong key for this algorithm")
        try:
            # Access tokens name their client in `client_id`; Cognito sets no `aud` in them.
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[ALGORITHM],
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "exp", "iat"], "verify_aud": False},
            )
        except jwt.PyJWTError as error:
            raise InvalidToken(type(error).__name__) from error
        return self._identity(claims)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        if claims.get("token_use") != "access":
            raise InvalidToken("not an access token")
        if claims.get("client_id") != self.client_id:
            raise InvalidToken("issued to another client")
        groups = claims.get("cognito:groups", [])
        if not isinstance(groups, list):
            raise InvalidToken("the groups are not a list")
        return Identity(subject=claims["sub"], kind="user", groups=tuple(str(g) for g in groups))
