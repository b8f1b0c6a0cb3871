"""How the stacks stand beside each other: their sizes, their order, what one knows of another."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra import functions
from infra.environments import DEV
from infra.routes import ORDERING, RARE, READING, ROUTES, Route
from tests.support.templates import Synthesised

PROJECT = Path(__file__).parents[2]
CLOUDFORMATIONS_LIMIT = 500
# A function is eight resources: who comes near hears of it before it is urgent.
ENOUGH = 400
LARGEST_TEMPLATE_BYTES = 1_000_000
# A policy of a function takes 20 kB; a route's statement in it is about 400 bytes.
MOST_ROUTES_OF_A_FUNCTION = 45


def test_every_stack_has_room(anywhere: Synthesised) -> None:
    """AR1: every stack stays well below CloudFormation's limit of resources."""
    sizes = {name: len(template.resources) for name, template in anywhere.stacks.items()}
    assert max(sizes.values()) <= ENOUGH < CLOUDFORMATIONS_LIMIT, sizes


def test_the_guide_counts_what_is_deployed(dev: Synthesised) -> None:
    """People plan limits and bills by `docs/deploy.md`: its numbers are those of the templates."""
    guide = (PROJECT / "docs/deploy.md").read_text(encoding="utf-8")
    functions = dev["Service"].of("AWS::Lambda::Function").values()
    snapped = [function for function in functions if "SnapStart" in function]
    for sentence in (
        f"reserve {sum(f['ReservedConcurrentExecutions'] for f in functions)} of",
        f"Alarms, {len(dev['Operations'].of('AWS::CloudWatch::Alarm'))} of them",
        f"Secrets, {len(dev['Data'].of('AWS::SecretsManager::Secret'))} of them",
        f"snapshots of {len(snapped)} functions",
    ):
        assert sentence in guide


def test_each_stack_is_deployed_after_what_it_calls(anywhere: Synthesised) -> None:
    """Functions need tables, the API needs functions, alarms need all of it."""
    after = {name: template.after for name, template in anywhere.stacks.items()}
    assert not after["Data"]
    assert "Data" in after["Service"]
    assert "Service" in after["Api"]
    assert "Api" in after["Operations"]


def test_the_api_calls_functions_that_there_are(anywhere: Synthesised) -> None:
    """It knows them by name; each is a function of the service stack with an alias `live`."""
    service = anywhere["Service"]
    functions = service.of("AWS::Lambda::Function")
    live = {
        functions[alias["FunctionName"]["Ref"]]["FunctionName"]
        for alias in service.of("AWS::Lambda::Alias").values()
        if alias["Name"] == "live"
    }
    called = set(re.findall(r":function:([\w-]+):live", json.dumps(anywhere["Api"].document)))
    assert len(called) == len({route.function for route in ROUTES}) + 1
    assert called <= live


def test_each_route_may_call_its_function(anywhere: Synthesised) -> None:
    """One permission for each route, for that method of that path; one for the authorizer."""
    permissions = anywhere["Api"].of("AWS::Lambda::Permission").values()
    given = {
        (
            _text(permission["SourceArn"]).split("/", 1)[1],
            re.sub(r".*:function:echoes-\w+?-", "", _text(permission["FunctionName"])),
        )
        for permission in permissions
    }
    ways = {
        (f"live/{route.method}{re.sub(r'{[^}]+}', '*', route.path)}", f"{route.function.name}:live")
        for route in ROUTES
    }
    assert given == ways | {("authorizers/*", "authorizer:live")}
    assert len(permissions) == len(ROUTES) + 1
    assert {permission["Principal"] for permission in permissions} == {"apigateway.amazonaws.com"}


def test_a_functions_policy_has_room_for_its_routes() -> None:
    """Each route is a statement in the policy of its function, and that may be 20 kB."""
    of_function = Counter(route.function.name for route in ROUTES)
    assert max(of_function.values()) <= MOST_ROUTES_OF_A_FUNCTION


def test_many_more_routes_fit_into_one_stack(tmp_path: Path) -> None:
    """AR1: 120 routes on as many paths stay far below what CloudFormation takes."""
    served = [
        functions.accounts.ACCOUNT_API,
        functions.clips.GENERATE_API,
        functions.projects.PROJECTS_API,
    ]
    routes = [
        Route(
            method="GET",
            path=f"/v1/things-{number}/{{thing_id}}/parts/{{part_id}}",
            function=served[number % len(served)],
            throttle=READING,
        )
        for number in range(120)
    ]
    resources = _api(routes, tmp_path)
    assert len(resources) <= ENOUGH / 2
    assert (tmp_path / "Api.template.json").stat().st_size < LARGEST_TEMPLATE_BYTES


def test_no_function_is_held_by_an_export(anywhere: Synthesised) -> None:
    """An export that is in use can be neither changed nor removed; functions come and go."""
    for stack in ("Service", "Api"):
        outputs = anywhere[stack].document["Outputs"].values()
        assert not [output for output in outputs if "Export" in output], stack
    assert "Fn::ImportValue" not in json.dumps(anywhere["Api"].document)


@pytest.mark.parametrize("changed", ["function", "throttle", "nothing"])
def test_a_changed_route_is_put_into_service(changed: str, tmp_path: Path) -> None:
    """
    A route that moves to another function makes a new deployment of the API.

    Throttles are the stage's own and hold without one; the same routes are deployed once.
    """
    route = Route(
        method="GET", path="/v1/things", function=functions.accounts.ACCOUNT_API, throttle=READING
    )
    other = Route(
        method="POST", path="/v1/things", function=functions.uploads.UPLOAD_API, throttle=ORDERING
    )
    moved = {
        "function": replace(route, function=functions.clips.STATUS_API),
        "throttle": replace(route, throttle=RARE),
        "nothing": route,
    }[changed]
    before, after = (
        _api([one, other], tmp_path / name) for name, one in (("before", route), ("after", moved))
    )
    assert (_deployment(before) != _deployment(after)) == (changed == "function")
    assert (before == after) == (changed == "nothing")


def _api(routes: Sequence[Route], out: Path) -> dict[str, Any]:
    # Imported late: it starts node, which no other test needs.
    import aws_cdk as cdk  # noqa: PLC0415

    from infra.app import project_context  # noqa: PLC0415
    from infra.stacks.api import ApiStack  # noqa: PLC0415

    app = cdk.App(context=project_context(), outdir=str(out))
    ApiStack(app, "Api", environment=DEV, routes=routes)
    app.synth()
    found: dict[str, Any] = json.loads((out / "Api.template.json").read_text())["Resources"]
    return found


def _deployment(resources: dict[str, Any]) -> str:
    (name,) = [
        name
        for name, resource in resources.items()
        if resource["Type"] == "AWS::ApiGateway::Deployment"
    ]
    return name


def _text(value: Any) -> str:  # noqa: ANN401  # CloudFormation's intrinsic functions
    """Return an ARN as written, with `*` for what is known only when it is deployed."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(_text(part) for part in value["Fn::Join"][1])
    return "*"
