"""A provider is one entry in each list, and the lists agree."""

import aws_cdk as cdk
import pytest

from dev.cloud.instance import instance_from
from dev.cloud.seed import local_secrets
from dev.fakes.clock import FakeClock
from dev.fakes.media import InMemoryMediaStore
from echoes.bootstrap.video_providers import STILL_MOTION, VideoProviders, video_providers
from infra.app import chosen_environment
from infra.environments import DEV, ENVIRONMENTS, LOCAL
from infra.functions import FUNCTIONS
from infra.providers import PROVIDERS
from tests.support.templates import Synthesised


def test_every_provider_is_deployed_and_wired(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told to functions is what the registry needs, and no provider is on one side only."""
    for provider in PROVIDERS:
        monkeypatch.setenv(provider.secret_variable, "arn:key")
        for name, value in provider.variables.items():
            monkeypatch.setenv(name, value)

    wired = video_providers(VideoProviders.from_environ(), InMemoryMediaStore(FakeClock()))

    assert set(wired) == {STILL_MOTION, *(provider.name for provider in PROVIDERS)}
    for environment in ENVIRONMENTS.values():
        assert environment.video_provider in wired
        assert environment.fallback_video_provider in {None, *wired}


def test_the_functions_that_may_read_a_key_know_how_its_provider_is_called(
    anywhere: Synthesised,
) -> None:
    """Right and variables are given together, and to nobody else."""
    for provider in PROVIDERS:
        told = {
            properties["FunctionName"].split("-", 2)[2]: set(properties["Environment"]["Variables"])
            for properties in anywhere["Service"].of("AWS::Lambda::Function").values()
        }
        needed = {*provider.variables, provider.secret_variable}
        for spec in FUNCTIONS:
            assert needed & told[spec.name] in (set(), needed)
        assert any(needed <= variables for variables in told.values())


def test_every_key_has_a_value_on_the_local_cloud(local: Synthesised) -> None:
    """Each secret that people put in by hand is seeded under the name it is deployed with."""
    by_hand = {
        secret["Name"]
        for secret in local["Data"].of("AWS::SecretsManager::Secret").values()
        if not secret["GenerateSecretString"]
    }
    assert by_hand == set(local_secrets(instance_from({})))


def test_what_differs_locally_is_known() -> None:
    """A misspelt variable would leave a local function with the real address."""
    for provider in PROVIDERS:
        assert provider.local_variables.keys() <= provider.variables.keys()
    known = {name for provider in PROVIDERS for name in provider.variables}
    for environment in ENVIRONMENTS.values():
        assert environment.provider_variables.keys() <= known


def test_a_providers_variables_can_be_given_as_context() -> None:
    """`-c runway_model=…` holds; what is not given stays as its environment says."""
    given = cdk.App(context={"env": "local", "runway_model": "gen4.5"})
    assert chosen_environment(given, "local").provider_variables == {
        **LOCAL.provider_variables,
        "RUNWAY_MODEL": "gen4.5",
    }
    assert chosen_environment(cdk.App(), "dev") == DEV
