import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from echoes.adapters.tokens.guests import GuestTokens
from echoes.adapters.tokens.key_sets import KeySet
from echoes.adapters.tokens.secrets import SigningKeys
from echoes.adapters.tokens.users import UserTokens
from echoes.adapters.tokens.verification import TokenVerifier
from tests.support.user_pool import CLIENT, ISSUER, Pool


@pytest.fixture(scope="session")
def keys() -> dict[str, RSAPrivateKey]:
    """Make keys, which takes a while: three are enough for all tests."""
    return {
        name: generate_private_key(public_exponent=65537, key_size=2048)
        for name in ("one", "two", "stranger")
    }


@pytest.fixture
def pool(keys: dict[str, RSAPrivateKey]) -> Pool:
    return Pool(keys["one"])


@pytest.fixture
def secrets() -> list[str]:
    return ["the present secret"]


@pytest.fixture
def guests(secrets: list[str]) -> GuestTokens:
    return GuestTokens(keys=SigningKeys(secrets=lambda: secrets, purpose="guests"))


@pytest.fixture
def verifier(pool: Pool, guests: GuestTokens) -> TokenVerifier:
    key_set = KeySet("https://keys.test", fetch=pool.fetch, time=lambda: pool.time)
    return TokenVerifier(
        users=UserTokens(issuer=ISSUER, client_id=CLIENT, keys=key_set), guests=guests
    )
