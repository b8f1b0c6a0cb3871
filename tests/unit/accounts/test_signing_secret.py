"""The signing secret is read rarely, rotates without a restart, and is never half known."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from echoes.adapters.secrets_manager.secrets import MAX_AGE_SECONDS
from echoes.adapters.tokens.secrets import RotatingSecret, SigningKeys
from echoes.bootstrap.runtime import at_first_use
from echoes.domain.errors import Unavailable


class Vault:
    """What the secrets' service answers, by stage."""

    def __init__(self, **versions: str | Exception) -> None:
        self.versions = versions
        self.asked: list[str] = []

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> dict[str, Any]:  # noqa: N803  # as in AWS
        assert SecretId == "arn:signing"
        self.asked.append(VersionStage)
        found = self.versions.get(VersionStage)
        if isinstance(found, Exception):
            raise found
        if found is None:
            error = {"Code": "ResourceNotFoundException", "Message": "no such stage"}
            raise ClientError({"Error": error}, "GetSecretValue")  # type: ignore[typeddict-item]
        return {"SecretString": found}


def secret(vault: Vault, time: list[float] | None = None) -> RotatingSecret:
    clock = time if time is not None else [0.0]
    return RotatingSecret("arn:signing", vault, time=lambda: clock[0])  # type: ignore[arg-type]


def test_the_present_secret_comes_first() -> None:
    """Signing uses the first key, verifying tries them all."""
    found = secret(Vault(AWSCURRENT="new", AWSPREVIOUS="old"))
    assert found() == ["new", "old"]
    assert len(SigningKeys(secrets=found, purpose="guests")()) == 2


def test_a_secret_that_never_rotated_is_alone() -> None:
    """Asked once in five minutes, also about what is not there."""
    time = [0.0]
    vault = Vault(AWSCURRENT="only")
    found = secret(vault, time)
    assert [found() for _ in range(5)] == [["only"]] * 5
    assert vault.asked == ["AWSCURRENT", "AWSPREVIOUS"]
    vault.versions["AWSPREVIOUS"] = "older"
    time[0] = MAX_AGE_SECONDS + 1
    assert found() == ["only", "older"]


def test_it_is_remembered_for_five_minutes_at_most() -> None:
    """A rotated secret is in use everywhere five minutes later."""
    assert MAX_AGE_SECONDS <= 300
    vault = Vault(AWSCURRENT="new", AWSPREVIOUS="old")
    found = secret(vault)
    for _ in range(5):
        found()
    assert vault.asked == ["AWSCURRENT", "AWSPREVIOUS"]


@pytest.mark.parametrize("stage", ["AWSCURRENT", "AWSPREVIOUS"])
def test_a_vault_that_does_not_answer_is_unavailable(stage: str) -> None:
    """Not knowing the previous secret would refuse good tokens: better to try again."""
    broken = EndpointConnectionError(endpoint_url="https://vault.test")
    vault = Vault(AWSCURRENT="new", AWSPREVIOUS="old")
    vault.versions[stage] = broken
    with pytest.raises(Unavailable):
        secret(vault)()


@pytest.mark.parametrize(("kind", "made"), [("on-demand", 0), ("snap-start", 1)])
def test_what_few_need_is_made_once_at_its_first_use(
    monkeypatch: pytest.MonkeyPatch, kind: str, made: int
) -> None:
    """Or at once, where the start is not waited for."""
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", kind)
    makings: list[None] = []
    client = at_first_use(lambda: makings.append(None))
    assert len(makings) == made
    client()
    client()
    assert len(makings) == 1
