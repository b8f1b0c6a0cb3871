"""Two local clouds never share a port or a file."""

import json
from pathlib import Path

import pytest

from dev.cloud.assembly import synth_context
from dev.cloud.endpoints import Endpoints, endpoints_of, local_api_url
from dev.cloud.instance import PROJECT, Instance, instance_from
from dev.cloud.simulators import RUNWAY, SIMULATORS, STRIPE
from infra.environments import LOCAL


def test_the_default_clouds_home_is_the_projects() -> None:
    """Without settings the endpoints are in `.local/endpoints.json`."""
    assert instance_from({}).endpoints == PROJECT / ".local" / "endpoints.json"


def test_another_port_has_files_and_ports_of_its_own() -> None:
    """Nothing that one cloud writes is where another one writes."""
    first, second = instance_from({}), instance_from({"ECHOES_PORT": "5566"})
    assert second.endpoints == PROJECT / ".local" / "5566" / "endpoints.json"
    assert not second.cloud.is_relative_to(first.cloud)
    assert RUNWAY.url(first) == "http://127.0.0.1:4567"
    assert STRIPE.url(second) == "http://127.0.0.1:5568"


def test_simulators_are_where_local_functions_look_for_them() -> None:
    """No two share a port, and the addresses are those of a plain synthesis of `local`."""
    default = instance_from({})
    assert len({each.port(default) for each in SIMULATORS} | {default.port}) == 1 + len(SIMULATORS)
    known = {each.url(default) for each in SIMULATORS}
    assert {*LOCAL.provider_variables.values(), LOCAL.stripe_url} <= known


def test_a_developers_own_key_means_the_real_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key for Stripe functions call Stripe; the simulator stays for who asks for it."""
    monkeypatch.delenv("STRIPE_SECRET_KEY", raising=False)
    instance = instance_from({})
    assert synth_context(instance)["stripe_url"] == STRIPE.url(instance)
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_own")
    assert synth_context(instance)["stripe_url"] == "https://api.stripe.com"
    assert synth_context(instance)["runway_url"] == RUNWAY.url(instance)


@pytest.mark.parametrize("port", ["80", "65100", "cloud"])
def test_an_impossible_port_is_refused(port: str) -> None:
    """A privileged port, one without room above it, and a word are errors."""
    with pytest.raises(ValueError, match=r"ECHOES_PORT|invalid literal"):
        instance_from({"ECHOES_PORT": port})


def test_api_gateways_url_becomes_the_local_one() -> None:
    """The URL that a stack puts out on AWS is translated; its stage is kept."""
    url = "https://7a7134fe.execute-api.us-east-1.amazonaws.com/v/"
    local = "http://127.0.0.1:4566/_aws/execute-api/7a7134fe/v"
    assert local_api_url(url, "http://127.0.0.1:4566") == local
    assert local_api_url("http://here/", "http://127.0.0.1:4566") == "http://here"


def test_endpoints_are_read_as_they_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file goes round, by argument and by `ECHOES_ENDPOINTS`; no half file is left."""
    instance = Instance(port=5566, local=tmp_path)
    outputs = {"Service": {"UserPoolId": "pool", "UserPoolClientId": "client", "More": "x"}}
    found = endpoints_of(instance, outputs)
    found.save(instance.endpoints)
    assert Endpoints.load(instance.endpoints) == found
    assert json.loads(instance.endpoints.read_text())["stripe_url"] == "http://127.0.0.1:5568"
    assert found.user_pool_id == "pool"
    assert list(instance.home.iterdir()) == [instance.endpoints]
    monkeypatch.setenv("ECHOES_ENDPOINTS", str(instance.endpoints))
    assert Endpoints.load() == found
