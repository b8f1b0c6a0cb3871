"""Addresses signed without a client are those that a client would have signed."""

from datetime import timedelta

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import NoCredentialsError
from botocore.session import Session

from echoes.adapters.s3.links import S3Links
from echoes.adapters.s3.media import S3MediaStore, s3_client

HOUR = timedelta(hours=1)
KEYS = ("clips/abc/preview.mp4", "a b/ä+~(1)'!*.mp4", "100%/=&?.jpg")


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)


@pytest.mark.parametrize("token", [None, "a/session+token=="])
@pytest.mark.parametrize("filename", [None, 'Ferien "2026" · Meer.mp4'])
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:4566"])
def test_an_address_is_what_a_client_signs(  # one promise, every kind of address
    monkeypatch: pytest.MonkeyPatch,
    endpoint: str | None,
    region: str,
    key: str,
    filename: str | None,
    token: str | None,
) -> None:
    """Byte for byte, so nothing about what S3 accepts or people download has changed."""
    if endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    if token:
        monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    session = Session()
    client = S3MediaStore("clips-of-ours", s3_client(region, session))
    links = S3Links("clips-of-ours", region, session.get_credentials)
    pairs = (
        (
            client.link(key, lifetime=HOUR, filename=filename),
            links.link(key, lifetime=HOUR, filename=filename),
        )
        for _ in range(3)  # a second may pass between the two
    )
    assert any(signed == expected for expected, signed in pairs)


def test_nobody_signs_without_credentials() -> None:
    """As a client refuses to."""
    with pytest.raises(NoCredentialsError):
        S3Links("clips", "eu-west-1", lambda: None).link("key", lifetime=HOUR)


def test_credentials_are_those_of_the_moment() -> None:
    """Lambda replaces them while a function lives."""
    present = [Credentials("first", "secret"), Credentials("second", "secret")]
    links = S3Links("clips", "eu-west-1", lambda: present.pop(0))
    assert "first" in links.link("key", lifetime=HOUR)
    assert "second" in links.link("key", lifetime=HOUR)
