"""What differs between environments, and that the rules hold."""

import inspect
import json
import re
from dataclasses import fields
from pathlib import Path

from infra.environments import DEV, LOCAL, PROD, Platform
from infra.providers import PROVIDERS
from tests.support.templates import Synthesised
from tools.layers import LAMBDA_PYTHON

INFRA = Path(__file__).parents[2] / "infra"


def test_cdk_nag_finds_nothing_unanswered(on_aws: Synthesised) -> None:
    """AR1: every finding of AwsSolutions is fixed or acknowledged with its reason."""
    assert on_aws.report is None or not [
        (violation["ruleName"], violation.get("violatingConstructs"))
        for report in on_aws.report["pluginReports"]
        for violation in report["violations"]
    ]


def test_dev_and_prod_run_on_the_same_platform() -> None:
    """What is tried in dev is what runs in prod; they differ in what is kept and who may call."""
    assert DEV.platform == PROD.platform == Platform()
    assert PROD.keeps_data
    assert PROD.poll_scale == DEV.poll_scale == 1


def test_functions_run_on_the_python_that_their_layers_are_built_for() -> None:
    """Byte code of another minor version is thrown away at every cold start."""
    assert Platform().runtime == f"python{LAMBDA_PYTHON}"


def test_each_limit_of_the_local_cloud_has_its_reason() -> None:
    """One place lists what the local cloud cannot follow, and why."""
    source = inspect.getsource(Platform)
    for field in fields(Platform):
        assert f"{field.name}:" in source
    assert source.count("Local:") == len(fields(Platform))


def test_only_the_app_reads_the_machine_it_runs_on() -> None:
    """What is deployed follows from files and context: nothing else reads variables."""
    readers = {
        path.relative_to(INFRA).as_posix()
        for path in INFRA.rglob("*.py")
        if re.search(r"\benviron\b|\bgetenv\b", path.read_text(encoding="utf-8"))
    }
    assert readers == {"app.py"}


def test_the_local_template_differs_only_where_its_platform_does(
    local: Synthesised, dev: Synthesised
) -> None:
    """Locally the same resources are deployed, but for those its cloud does not know."""
    missing = {
        "AWS::WAFv2::WebACL",
        "AWS::WAFv2::WebACLAssociation",
        "AWS::Logs::QueryDefinition",
    }
    for stack in ("Data", "Service", "Api"):
        kinds = {resource["Type"] for resource in dev[stack].resources.values()}
        kinds_local = {resource["Type"] for resource in local[stack].resources.values()}
        assert kinds - missing == kinds_local


def test_local_functions_reach_local_addresses_only(local: Synthesised) -> None:
    """No local function knows the address of a real provider."""
    real = {
        value
        for provider in PROVIDERS
        for value in provider.variables.values()
        if value.startswith("https://")
    }
    assert len(real) >= len(PROVIDERS)
    for function in local["Service"].of("AWS::Lambda::Function").values():
        variables = json.dumps(function["Environment"]["Variables"])
        assert "runwayml.com" not in variables
        assert not [address for address in real if address in variables]
    for provider in PROVIDERS:
        assert provider.local_variables
        for name, url in provider.local_variables.items():
            assert url.startswith("http://127.0.0.1")
            assert LOCAL.provider_variables[name] == url


def test_each_environment_has_its_own_stacks(dev: Synthesised, prod: Synthesised) -> None:
    """Names carry the environment, so two can share an account."""
    assert "echoes-dev-" in json.dumps(dev["Service"].document)
    assert "echoes-dev-" not in json.dumps(prod["Service"].document)
