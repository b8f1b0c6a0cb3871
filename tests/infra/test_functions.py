"""Functions as deployed: one version behind `live`, bounds that fit together, all they need."""

import ast
import importlib.util
import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra import functions
from infra.functions import FUNCTIONS
from infra.functions.spec import FunctionSpec
from tests.support.templates import Synthesised

PROJECT = Path(__file__).parents[2]
API_GATEWAY_SECONDS = 29
RESERVABLE = 900


def function_of(environment: Synthesised, spec: FunctionSpec) -> tuple[str, dict[str, Any]]:
    (found,) = [
        (name, properties)
        for name, properties in environment["Service"].of("AWS::Lambda::Function").items()
        if properties["FunctionName"].endswith(f"-{spec.name}")
    ]
    return found


def names(spec: FunctionSpec) -> str:
    return spec.name


@pytest.mark.parametrize("spec", FUNCTIONS, ids=names)
def test_its_entry_point_exists(spec: FunctionSpec) -> None:
    """The handler named in the template is a function in `lambdas/`."""
    source = PROJECT / "lambdas" / spec.folder / f"{spec.module}.py"
    tree = ast.parse(source.read_text())
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assigned = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert "lambda_handler" in defined | assigned


@pytest.mark.parametrize("spec", FUNCTIONS, ids=names)
def test_it_is_told_all_it_reads(
    dev: Synthesised, spec: FunctionSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function starts with exactly the variables of its template, and AWS's own."""
    _, function = function_of(dev, spec)
    variables = function["Environment"]["Variables"]
    for present in list(os.environ):
        if present not in {"PATH", "HOME", "PYTHONPATH"}:
            monkeypatch.delenv(present)
    for name, value in variables.items():
        monkeypatch.setenv(name, value if isinstance(value, str) else f"some-{name.lower()}")
    for name, value in {
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    source = PROJECT / "lambdas" / spec.folder / f"{spec.module}.py"
    loader = importlib.util.spec_from_file_location(f"started_{spec.folder}_{spec.module}", source)
    assert loader is not None
    assert loader.loader is not None
    module = importlib.util.module_from_spec(loader)
    loader.loader.exec_module(module)
    assert callable(module.lambda_handler)


def test_stripes_library_can_be_upgraded(anywhere: Synthesised) -> None:
    """docs/stripe.md: the environment's file can name a second version of events, for a while."""
    _, ingest = function_of(anywhere, functions.payments.WEBHOOKS_INGEST)
    assert ingest["Environment"]["Variables"]["STRIPE_API_VERSIONS"] == ""


def test_all_that_a_function_may_do_stands_in_one_place() -> None:
    """A module of `infra/capabilities` names each function of its capability once, and no other."""
    named = Counter(
        (module.stem, capability, name)
        for module in (PROJECT / "infra" / "capabilities").glob("*.py")
        for capability, name in re.findall(r"functions\.(\w+)\.([A-Z_]+)", module.read_text())
    )
    assert set(named.values()) == {1}
    assert all(module == capability for module, capability, _ in named)
    specs = [getattr(getattr(functions, capability), name) for _, capability, name in named]
    assert sorted(map(names, specs)) == sorted(map(names, FUNCTIONS))


def test_every_caller_uses_the_alias_live(anywhere: Synthesised) -> None:
    """Permissions, rules, the workflow and the API name the alias, never `$LATEST`."""
    service = anywhere["Service"]
    aliases = service.of("AWS::Lambda::Alias")
    assert {alias["Name"] for alias in aliases.values()} == {"live"}
    assert len(aliases) == len(FUNCTIONS)
    functions = set(service.of("AWS::Lambda::Function"))
    for kind in (
        "AWS::Lambda::Permission",
        "AWS::Events::Rule",
        "AWS::StepFunctions::StateMachine",
        "AWS::IAM::Policy",
    ):
        for name, properties in service.of(kind).items():
            text = json.dumps(properties)
            for function in functions:
                assert f'"Fn::GetAtt": ["{function}", "Arn"]' not in text, (name, function)
                assert f'{{"Ref": "{function}"}}' not in text, (name, function)
    # Other stacks know them by name.
    called = re.findall(r"function:([^\"/]+)", json.dumps(anywhere["Api"].document))
    assert called
    assert all(name.endswith(":live") for name in called)


def test_reserved_concurrency_is_set_and_fits_the_account(on_aws: Synthesised) -> None:
    """Requirement 9: each function has a bulkhead, and together they leave room."""
    reserved = [
        properties["ReservedConcurrentExecutions"]
        for properties in on_aws["Service"].of("AWS::Lambda::Function").values()
    ]
    assert all(number >= 1 for number in reserved)
    assert sum(reserved) <= RESERVABLE


def test_functions_people_wait_for_start_from_a_snapshot(on_aws: Synthesised) -> None:
    """SnapStart on published versions, for the functions the API calls and no others."""
    for spec in FUNCTIONS:
        _, function = function_of(on_aws, spec)
        on = function.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions"
        assert on == spec.snap_start, spec.name


def test_nobody_waits_longer_than_the_gateway(anywhere: Synthesised) -> None:
    """A function that serves the API ends before API Gateway gives up."""
    for spec in FUNCTIONS:
        if spec.module in {"api", "handler"}:
            _, function = function_of(anywhere, spec)
            assert function["Timeout"] < API_GATEWAY_SECONDS, spec.name


def test_the_sweep_ends_before_its_next_round(anywhere: Synthesised) -> None:
    """One at a time, and never longer than its schedule's minute."""
    (sweep,) = [spec for spec in FUNCTIONS if spec.name == "generate-sweep"]
    _, function = function_of(anywhere, sweep)
    assert function["Timeout"] < 60
    assert sweep.concurrency == 1


def test_functions_log_json_and_are_traced(anywhere: Synthesised) -> None:
    """JSON logs kept for thirty days, in a group of their own; X-Ray on."""
    groups = [group for _, group in anywhere.all_of("AWS::Logs::LogGroup")]
    assert {group["RetentionInDays"] for group in groups} == {30}
    seen = set()
    for name, function in anywhere["Service"].of("AWS::Lambda::Function").items():
        assert function["LoggingConfig"]["LogFormat"] == "JSON", name
        assert function["TracingConfig"]["Mode"] == "Active", name
        seen.add(json.dumps(function["LoggingConfig"]["LogGroup"]))
    assert len(seen) == len(FUNCTIONS)


def test_only_functions_that_need_media_libraries_carry_them(anywhere: Synthesised) -> None:
    """The media layer is large: those that open photos or make clips and films have it."""
    carriers = {
        function["FunctionName"].split("-", 2)[2]
        for function in anywhere["Service"].of("AWS::Lambda::Function").values()
        if "LayersVideo" in json.dumps(function["Layers"])
    }
    assert carriers == {
        "assemble-join",
        "assemble-plan",
        "assemble-render",
        "generate-finish",
        "generate-submit",
        "upload-open-music",
        "upload-open-photo",
    }


def test_every_asynchronous_path_has_dead_letters(anywhere: Synthesised) -> None:
    """Requirement 5: what a rule cannot deliver, or a function cannot handle, is kept."""
    service = anywhere["Service"]
    rules = service.of("AWS::Events::Rule")
    assert len(rules) == 10
    for name, rule in rules.items():
        for target in rule["Targets"]:
            assert "DeadLetterConfig" in target, name
            assert target["RetryPolicy"]["MaximumRetryAttempts"] == 2, name
    configured = service.of("AWS::Lambda::EventInvokeConfig")
    assert len(configured) == len([spec for spec in FUNCTIONS if spec.asynchronous])
    for name, config in configured.items():
        assert "OnFailure" in config["DestinationConfig"], name
        assert config["Qualifier"] == "live" or "live" in json.dumps(config["Qualifier"]), name


def test_executions_that_were_stopped_are_heard_of(anywhere: Synthesised) -> None:
    """A rule catches every way an execution can end without its own end (AJ3)."""
    patterns = [
        rule["EventPattern"]
        for rule in anywhere["Service"].of("AWS::Events::Rule").values()
        if rule.get("EventPattern", {}).get("source") == ["aws.states"]
    ]
    for pattern in patterns:
        assert set(pattern["detail"]["status"]) == {"FAILED", "TIMED_OUT", "ABORTED"}
    watched = {json.dumps(pattern["detail"]["stateMachineArn"]) for pattern in patterns}
    machines = anywhere["Service"].of("AWS::StepFunctions::StateMachine")
    assert len(watched) == len(patterns) == len(machines)


def test_only_what_was_sent_is_opened(anywhere: Synthesised) -> None:
    """A preview that is written does not come round as a new photo, nor music as one."""
    keys = [
        rule["EventPattern"]["detail"]["object"]["key"]
        for rule in anywhere["Service"].of("AWS::Events::Rule").values()
        if rule.get("EventPattern", {}).get("source") == ["aws.s3"]
    ]
    assert sorted(keys, key=str) == [
        [{"prefix": "incoming/owners/"}],
        [{"suffix": "/original"}],
    ]
    photos = [
        bucket
        for name, bucket in anywhere["Data"].of("AWS::S3::Bucket").items()
        if name.startswith("MediaPhotos")
    ]
    events = photos[0]["NotificationConfiguration"]["EventBridgeConfiguration"]
    assert events["EventBridgeEnabled"] is True


def test_the_workflow_has_a_function_for_each_of_its_tasks(anywhere: Synthesised) -> None:
    """Every placeholder of the definition is filled, and it logs without what people wrote."""
    machines = anywhere["Service"].of("AWS::StepFunctions::StateMachine")
    assert len(machines) == 2
    for machine in machines.values():
        definition = machine["DefinitionString"]
        text = definition if isinstance(definition, str) else json.dumps(definition)
        placeholders = set(re.findall(r"\$\{(\w+)\}", text))
        assert placeholders == set(machine["DefinitionSubstitutions"])
        assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
        assert machine["TracingConfiguration"]["Enabled"] is True
