"""Which tokens prove an identity (SE7), and which do not."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from echoes.adapters.tokens.guests import GuestTokens
from echoes.adapters.tokens.identities import InvalidToken
from echoes.adapters.tokens.secrets import SigningKeys
from echoes.adapters.tokens.verification import TokenVerifier
from echoes.domain.errors import Unavailable
from tests.support.user_pool import Pool

GUEST = "guest-mfzwizltoq3gk4tfonuxizlt"
NOW = int(time.time())


def segment(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def signed_with_text(header: object, claims: object, key: bytes) -> str:
    """Sign by hand: PyJWT itself refuses to misuse a public key as a secret."""
    message = f"{segment(header)}.{segment(claims)}"
    mac = hmac.digest(key, message.encode(), hashlib.sha256)
    return f"{message}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def issue(guests: GuestTokens, *, lives: int = 3600) -> str:
    since = datetime.now(UTC)
    return guests.issue(GUEST, since, since + timedelta(seconds=lives))


def test_an_access_token_of_our_pool_is_a_user(verifier: TokenVerifier, pool: Pool) -> None:
    """Subject and groups come from verified claims."""
    identity = verifier.verify(pool.token())
    assert (identity.kind, identity.groups) == ("user", ("admin",))
    assert identity.subject == pool.claims()["sub"]
    assert verifier.verify(pool.token(pool.claims(**{"cognito:groups": []}))).groups == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - 60},
        {"nbf": NOW + 600},
        {"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other"},
        {"client_id": "another-client"},
        {"client_id": None, "aud": "our-client"},
        {"token_use": "id"},
        {"token_use": None},
        {"sub": None},
        {"exp": None},
        {"iss": None},
        {"iss": "echoes-guests"},
        {"cognito:groups": "admin"},
    ],
    ids=",".join,
)
def test_a_token_with_wrong_claims_proves_nothing(
    verifier: TokenVerifier, pool: Pool, changes: dict[str, Any]
) -> None:
    """SE7: expired, not yet valid, other issuer, other client, no access token, incomplete."""
    with pytest.raises(InvalidToken):
        verifier.verify(pool.token(**changes))


def test_nobody_signs_for_the_pool(
    verifier: TokenVerifier, pool: Pool, keys: dict[str, RSAPrivateKey]
) -> None:
    """SE7: another key under a known name."""
    with pytest.raises(InvalidToken):
        verifier.verify(pool.token(key=keys["stranger"]))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "RS512", "ES256"])
def test_the_token_does_not_choose_the_algorithm(
    verifier: TokenVerifier, pool: Pool, algorithm: str
) -> None:
    """SE7: ``none``, and a public key misused as a secret (HS/RS confusion), prove nothing."""
    public = pool.keys["one"].public_key()
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        key = public.public_bytes(Encoding.PEM, form)
        forged = signed_with_text({"alg": algorithm, "kid": "one"}, pool.claims(), key)
        for token in (forged, forged.rsplit(".", 1)[0] + "."):
            with pytest.raises(InvalidToken):
                verifier.verify(token)


@pytest.mark.parametrize(
    "token", ["", ".", "a.b.c", "..", "x" * 9000, "{}.{}.{}", "\N{SNOWMAN}", "a.b", "e30.e30."]
)
def test_what_is_no_token_proves_nothing(verifier: TokenVerifier, token: str) -> None:
    """Garbage is refused like a forgery: no other kind of error comes out."""
    with pytest.raises(InvalidToken):
        verifier.verify(token)


def test_keys_are_fetched_once_and_again_when_a_new_one_appears(
    verifier: TokenVerifier, pool: Pool, keys: dict[str, RSAPrivateKey]
) -> None:
    """SE7: rotation needs no restart; strangers' key ids do not make us ask all the time."""
    for _ in range(3):
        verifier.verify(pool.token())
    assert pool.fetches == 1
    pool.keys["two"] = keys["two"]
    with pytest.raises(InvalidToken):
        verifier.verify(pool.token(kid="two"))
    pool.time += 31
    verifier.verify(pool.token(kid="two"))
    assert pool.fetches == 2
    for number in range(20):
        with pytest.raises(InvalidToken):
            verifier.verify(pool.token(kid=f"unknown-{number}", key=keys["stranger"]))
    assert pool.fetches == 2


def test_a_withdrawn_key_stops_working_within_the_hour(
    verifier: TokenVerifier, pool: Pool, keys: dict[str, RSAPrivateKey]
) -> None:
    """SE7: what the pool no longer publishes is forgotten."""
    old = pool.token()
    verifier.verify(old)
    pool.keys = {"two": keys["two"]}
    pool.time += 3601
    with pytest.raises(InvalidToken):
        verifier.verify(old)


def test_keys_that_cannot_be_fetched_are_no_refusal(verifier: TokenVerifier, pool: Pool) -> None:
    """Unavailable, not 401: people are not signed out because a pool is slow."""
    pool.broken = True
    with pytest.raises(Unavailable):
        verifier.verify(pool.token())


def test_a_guest_token_is_a_guest(verifier: TokenVerifier, guests: GuestTokens) -> None:
    """Signed by us; it gives no groups."""
    identity = verifier.verify(issue(guests))
    assert (identity.subject, identity.kind, identity.groups) == (GUEST, "guest", ())


def test_a_guest_token_ends(verifier: TokenVerifier, guests: GuestTokens) -> None:
    """Expired is refused."""
    with pytest.raises(InvalidToken):
        verifier.verify(issue(guests, lives=-60))


def test_the_same_request_for_a_guest_gives_the_same_token(guests: GuestTokens) -> None:
    """So the token itself need not be kept to be given again."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    until = since + timedelta(hours=24)
    assert guests.issue(GUEST, since, until) == guests.issue(GUEST, since, until)


@pytest.mark.parametrize(
    "subject", ["5d0c3c9e", "guest-", "guest-UPPER", f"{GUEST}x", f"{GUEST}\n"]
)
def test_a_guest_is_never_somebody_else(
    verifier: TokenVerifier, guests: GuestTokens, subject: str
) -> None:
    """Even signed by us, a guest token cannot name a user."""
    since = datetime.now(UTC)
    token = guests.issue(subject, since, since + timedelta(hours=1))
    with pytest.raises(InvalidToken):
        verifier.verify(token)


def test_a_guest_token_signed_by_another_key_is_refused(
    verifier: TokenVerifier, pool: Pool
) -> None:
    """Neither another secret, nor the secret itself, nor a key for another purpose, nor RS256."""
    claims = {"iss": "echoes-guests", "sub": GUEST, "iat": NOW, "exp": NOW + 60}
    other_purpose = SigningKeys(secrets=lambda: ["the present secret"], purpose="cursors")()[0]
    for key in (b"another secret that is long enough", b"the present secret", other_purpose):
        with pytest.raises(InvalidToken):
            verifier.verify(signed_with_text({"alg": "HS256", "typ": "JWT"}, claims, key))
    with pytest.raises(InvalidToken):
        verifier.verify(pool.token(claims))
    unsigned = jwt.encode(claims, "", algorithm="none")
    with pytest.raises(InvalidToken):
        verifier.verify(unsigned)


def test_guest_tokens_survive_one_rotation(
    verifier: TokenVerifier, guests: GuestTokens, secrets: list[str]
) -> None:
    """The previous secret verifies, the present one signs; two rotations end a token."""
    old = issue(guests)
    secrets[:] = ["new", "the present secret"]
    assert verifier.verify(old).subject == GUEST
    assert verifier.verify(issue(guests)).subject == GUEST
    secrets[:] = ["newer", "new"]
    with pytest.raises(InvalidToken):
        verifier.verify(old)
