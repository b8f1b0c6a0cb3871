"""Verifies any token."""

from dataclasses import dataclass
from typing import Final

import jwt

from echoes.adapters.tokens import guests
from echoes.adapters.tokens.guests import GuestTokens
from echoes.adapters.tokens.identities import Identity, InvalidToken
from echoes.adapters.tokens.users import UserTokens

MAX_TOKEN_CHARACTERS: Final = 8 * 1024
"""A Cognito access token has about 1,100; a much longer one is not parsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenVerifier:
    """Verifies the tokens of users and guests."""

    users: UserTokens
    guests: GuestTokens

    def verify(self, token: str) -> Identity:
        """
        Return the identity in *token*.

        The claimed issuer decides which keys and which algorithm are tried, so a token is never
        checked with the wrong kind of key.

        Raises:
            InvalidToken: It is not valid.
            Unavailable: The keys could not be fetched.
        """
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise InvalidToken("too long")
        try:
            claimed = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError as error:
            raise InvalidToken(type(error).__name__) from error
        if claimed.get("iss") == guests.ISSUER:
            return self.guests.verify(token)
        return self.users.verify(token)
