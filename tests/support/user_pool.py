"""A user pool for tests: its keys, its tokens, and what is told at its address."""

import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from echoes.domain.errors import Unavailable

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_pool"
CLIENT = "our-client"


class Pool:
    """A user pool: its keys, its tokens, and the key set at its URL."""

    def __init__(self, key: RSAPrivateKey) -> None:
        self.keys = {"one": key}
        self.fetches = 0
        self.broken = False
        self.time = 1000.0

    def fetch(self, _url: str) -> dict[str, Any]:
        self.fetches += 1
        if self.broken:
            raise Unavailable("the pool does not answer")
        algorithm = jwt.algorithms.RSAAlgorithm
        return {
            "keys": [
                algorithm.to_jwk(key.public_key(), as_dict=True)
                | {"kid": name, "alg": "RS256", "use": "sig"}
                for name, key in self.keys.items()
            ]
        }

    def claims(self, **changes: object) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "sub": "5d0c3c9e-7f63-4d8e-9f1a-0a4b8f1f2f55",
            "iss": ISSUER,
            "client_id": CLIENT,
            "token_use": "access",
            "iat": now,
            "exp": now + 3600,
            "cognito:groups": ["admin"],
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def token(
        self,
        claims: Mapping[str, Any] | None = None,
        *,
        kid: str = "one",
        key: RSAPrivateKey | None = None,
        **changes: object,
    ) -> str:
        content = dict(claims) if claims is not None else self.claims(**changes)
        return jwt.encode(content, key or self.keys[kid], algorithm="RS256", headers={"kid": kid})
