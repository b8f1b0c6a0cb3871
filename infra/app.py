"""
Synthesise the stacks: `python -m infra.app`, or `npx cdk synth`.

The environment is the context value `env`, else the variable `ECHOES_ENV`, else `local`, which
cannot reach a real account by mistake. Further context: `aws_endpoint_url` (of the local cloud) and
the names in `OVERRIDES`; `allowed_origins` are separated by commas. A provider's variables can be
given as well, in lower case: `runway_model`.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks

from infra.environments import ENVIRONMENTS, Environment
from infra.providers import PROVIDERS
from infra.stacks.api import ApiStack
from infra.stacks.data import DataStack
from infra.stacks.operations import OperationsStack
from infra.stacks.service import ServiceStack

PROJECT: Final = Path(__file__).parents[1]
# What may be given as context: `-c alarm_email=…`.
OVERRIDES: Final = (
    "alarm_email",
    "allowed_origins",
    "fallback_video_provider",
    "stripe_prices",
    "stripe_url",
    "video_provider",
    "web_url",
)


def chosen_environment(app: cdk.App, default: str) -> Environment:
    """Return the environment that the context names, with the context's values in it."""
    environment = ENVIRONMENTS[app.node.try_get_context("env") or default]
    given: dict[str, Any] = {
        name: value for name in OVERRIDES if (value := app.node.try_get_context(name))
    }
    if "allowed_origins" in given:
        given["allowed_origins"] = tuple(given["allowed_origins"].split(","))
    endpoint_url = app.node.try_get_context("aws_endpoint_url")
    if endpoint_url and environment.platform.endpoint_url:
        given["platform"] = replace(environment.platform, endpoint_url=endpoint_url)
    given["provider_variables"] = {
        **environment.provider_variables,
        **{
            variable: value
            for provider in PROVIDERS
            for variable in provider.variables
            if (value := app.node.try_get_context(variable.lower()))
        },
    }
    return replace(environment, **given)


def build(
    app: cdk.App,
    environment: Environment,
    *,
    where: cdk.Environment | None = None,
    layers: Path = PROJECT / "layers",
) -> tuple[DataStack, ServiceStack, ApiStack, OperationsStack]:
    """Add the four stacks of *environment* to *app*; *layers* holds the built layers."""
    data = DataStack(
        app, "Data", environment=environment, stack_name=environment.name_of("data"), env=where
    )
    service = ServiceStack(
        app,
        "Service",
        environment=environment,
        data=data,
        layers=layers,
        stack_name=environment.name_of("service"),
        env=where,
    )
    api = ApiStack(
        app, "Api", environment=environment, stack_name=environment.name_of("api"), env=where
    )
    # It calls functions by name: they are deployed before it and deleted after it.
    api.add_stack_dependency(service)
    operations = OperationsStack(
        app,
        "Operations",
        environment=environment,
        data=data,
        stack_name=environment.name_of("operations"),
        env=where,
    )
    # Alarms name functions, so they are deployed after what they watch.
    operations.add_stack_dependency(api)
    cdk.Tags.of(app).add("project", "echoes")
    cdk.Tags.of(app).add("environment", environment.name)
    return data, service, api, operations


def project_context() -> dict[str, object]:
    """Return the context of `cdk.json`, which only the CDK command line would read by itself."""
    context: dict[str, object] = json.loads((PROJECT / "cdk.json").read_text())["context"]
    return context


def main() -> None:
    """Write the cloud assembly; exit with a report when a rule is broken."""
    app = cdk.App(context=project_context(), outdir=os.environ.get("CDK_OUTDIR", "cdk.out"))
    environment = chosen_environment(app, os.environ.get("ECHOES_ENV", "local"))
    account, region = os.environ.get("CDK_DEFAULT_ACCOUNT"), os.environ.get("CDK_DEFAULT_REGION")
    build(app, environment, where=cdk.Environment(account=account, region=region))
    if environment.platform.web_acl:
        # Locally the rules would only repeat the checks of dev and prod, and take seconds.
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    main()
