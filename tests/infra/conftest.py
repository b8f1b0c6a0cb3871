"""Every environment, synthesised once a session, with stand-ins for the built layers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.templates import Synthesised, Template
from tools.layers import LAYERS

PROJECT = Path(__file__).parents[2]
STACKS = ("Data", "Service", "Api", "Operations")
QUIET = {
    # Templates are validated by cdk-nag here and by the CDK command line in `make synth`.
    "CDK_VALIDATION": "false",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
}


@pytest.fixture(scope="session")
def synthesise(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Synthesised]]:
    """Return what synthesises an environment by its name, each only once."""
    layers = tmp_path_factory.mktemp("layers")
    built = (f"{name}/{target}" for target, names in LAYERS.items() for name in names)
    for folder in ("core", *built):
        (layers / folder / "python").mkdir(parents=True)
        (layers / folder / "python" / "empty.py").touch()
    done: dict[str, Synthesised | Exception] = {}

    def once(name: str) -> Synthesised:
        if name not in done:
            try:
                done[name] = _synthesise(name, tmp_path_factory.mktemp(name), layers)
            except RuntimeError as broken:
                # Kept as well: it would break the same way for every test, and take seconds.
                done[name] = broken
        result = done[name]
        if isinstance(result, Exception):
            raise result
        return result

    with pytest.MonkeyPatch.context() as env:
        for variable, value in QUIET.items():
            env.setenv(variable, value)
        yield once


def _synthesise(name: str, out: Path, layers: Path) -> Synthesised:
    # Imported late: it starts node, which no other test needs.
    import aws_cdk as cdk  # noqa: PLC0415
    from aws_cdk import Validations  # noqa: PLC0415
    from cdk_nag import AwsSolutionsChecks  # noqa: PLC0415

    from infra.app import build, project_context  # noqa: PLC0415
    from infra.environments import ENVIRONMENTS  # noqa: PLC0415

    app = cdk.App(context=project_context(), outdir=str(out))
    # `prod` knows its account and region, as a deployment does; the others leave both open.
    where = cdk.Environment(account="111122223333", region="eu-central-1")
    build(app, ENVIRONMENTS[name], layers=layers, where=where if name == "prod" else None)
    if name != "local":
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    failure: Exception | None = None
    try:
        app.synth()
    except RuntimeError as broken_rules:
        failure = broken_rules
    report = out / "validation-report.json"
    if failure is not None and not report.exists():
        raise failure
    manifest = json.loads((out / "manifest.json").read_text())["artifacts"]
    return Synthesised(
        stacks={
            stack: Template(
                document=json.loads((out / f"{stack}.template.json").read_text()),
                after=frozenset(manifest[stack].get("dependencies", ())) & frozenset(STACKS),
            )
            for stack in STACKS
        },
        report=json.loads(report.read_text()) if report.exists() else None,
    )


@pytest.fixture
def dev(synthesise: Callable[[str], Synthesised]) -> Synthesised:
    """Return the templates of `dev`."""
    return synthesise("dev")


@pytest.fixture
def prod(synthesise: Callable[[str], Synthesised]) -> Synthesised:
    """Return the templates of `prod`."""
    return synthesise("prod")


@pytest.fixture
def local(synthesise: Callable[[str], Synthesised]) -> Synthesised:
    """Return the templates of `local`."""
    return synthesise("local")


@pytest.fixture(params=["dev", "prod"])
def on_aws(request: pytest.FixtureRequest, synthesise: Callable[[str], Synthesised]) -> Synthesised:
    """Return the templates of each environment that runs on AWS."""
    return synthesise(request.param)


@pytest.fixture(params=["local", "dev", "prod"])
def anywhere(
    request: pytest.FixtureRequest, synthesise: Callable[[str], Synthesised]
) -> Synthesised:
    """Return the templates of each environment."""
    return synthesise(request.param)
