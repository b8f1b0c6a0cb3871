"""Patches refuse sources they do not know, and read what they must read."""

import ast
import importlib
import json
import re
import zipfile
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from dev.cloud.patches.buckets import lifecycle_xml
from dev.cloud.patches.catalogue import PATCHES
from dev.cloud.patches.gateway import is_proxy_response
from dev.cloud.patches.layers import LAYERS_KEPT, unpacked
from dev.cloud.patches.metrics import Datum, embedded
from dev.cloud.patches.patch import Patch, Source, UnknownSource, selected

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "dev" / "cloud" / "patches"
CLOUD_TESTS = ROOT / "tests" / "integration" / "cloud"


def _patch(*sources: Source) -> Patch:
    return Patch(name="one", reason="a test", sources=sources, apply=lambda: None)


def test_a_changed_source_is_refused_with_what_to_do() -> None:
    """The message names patch and source, and what was found."""
    changed = Source("dev.cloud.deploy:zipped", "0" * 16)
    with pytest.raises(UnknownSource, match=r"'one'.*dev\.cloud\.deploy:zipped.*pin the new"):
        _patch(changed).verify()


def test_a_source_that_is_gone_is_refused() -> None:
    """A renamed function is not the one the patch was written for."""
    with pytest.raises(UnknownSource, match="does not exist"):
        _patch(Source("dev.cloud.deploy:no_such", "0" * 16)).verify()


def test_a_known_source_is_accepted() -> None:
    """The digest of what is there passes."""
    path = "dev.cloud.deploy:zipped"
    _patch(Source(path, Source(path, "").found())).verify()


def test_patches_can_be_left_off_by_name() -> None:
    """Each name switches one off, and a typing error is not silence."""
    left = {patch.name for patch in selected(PATCHES, "-gateway, -layers")}
    assert {patch.name for patch in PATCHES} - left == {"gateway", "layers"}
    with pytest.raises(ValueError, match="no such patch: gatewy"):
        selected(PATCHES, "-gatewy")


def test_every_patch_has_a_name_of_its_own_and_a_reason() -> None:
    """Names are switches, and a patch without a reason is none."""
    assert len({patch.name for patch in PATCHES}) == len(PATCHES)
    assert all(patch.reason and patch.sources for patch in PATCHES)


MODULES = sorted(
    path for path in FOLDER.glob("[a-z]*.py") if path.stem not in {"catalogue", "patch"}
)
SHAPE = re.compile(
    r"(?P<title>[^\n]+\.)\n\n"
    r"Upstream: (?P<upstream>.+\.)\n\n"
    r"AWS: (?P<aws>.+\.)\n\n"
    r"Mended upstream when these pass in `tests/integration/cloud/`\s+with\s+"
    r"`ECHOES_CLOUD_PATCHES=-(?P<switch>[a-z-]+)`:\n\n"
    r"(?P<tests>(?:\* `[a-z_.]+::[a-z0-9_]+`\n?)+)",
    re.DOTALL,
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_patch_says_what_it_mends_and_how_to_see_that_upstream_has(path: Path) -> None:
    """Upstream's behaviour, what AWS documents and where, the switch, and tests that exist."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = SHAPE.fullmatch(ast.get_docstring(tree) or "")
    assert said, "the docstring has another shape than those of the other patches"
    patch: Patch = importlib.import_module(f"dev.cloud.patches.{path.stem}").PATCH
    assert said["switch"] == patch.name == path.stem.replace("_", "-")
    assert patch in PATCHES
    assert re.search(r"\(.+\)", said["aws"], re.DOTALL), "name the page of AWS' documentation"
    for file, name in re.findall(r"`(.+)::(.+)`", said["tests"]):
        tests = ast.parse((CLOUD_TESTS / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tests.body if isinstance(node, ast.FunctionDef)}


def test_the_readme_lists_every_patch_in_the_order_of_the_catalogue() -> None:
    """A row a patch, and none for one that is gone."""
    text = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    table = text.partition("| Patch | Without it |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([a-z-]+) \|", table, re.MULTILINE)
    assert rows == [patch.name for patch in PATCHES]


def test_embedded_metrics_are_read_per_dimension_set_and_value() -> None:
    """Two sets of dimensions and two values are four data."""
    record = {
        "_aws": {
            "CloudWatchMetrics": [
                {
                    "Namespace": "Echoes",
                    "Dimensions": [["service"], ["service", "model"]],
                    "Metrics": [{"Name": "Clips", "Unit": "Count"}],
                }
            ]
        },
        "service": "generate",
        "model": "gen4",
        "Clips": [1, 2],
    }
    found = list(embedded(f"[INFO] {json.dumps(record)}"))
    assert len(found) == 4
    assert found[0] == Datum(
        namespace="Echoes",
        name="Clips",
        value=1.0,
        unit="Count",
        dimensions={"service": "generate"},
    )


@pytest.mark.parametrize("line", ["", "plain", '{"_aws": 1}', '{"_aws": {"CloudWatchMetrics": '])
def test_other_lines_hold_no_metric(line: str) -> None:
    """Malformed lines are log lines like any other."""
    assert list(embedded(line)) == []


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        ({"statusCode": 200}, True),
        ({"statusCode": "204", "headers": {}, "body": None}, True),
        ({"statusCode": 200, "body": {"not": "text"}}, False),
        ({"statusCode": 200, "extra": 1}, False),
        ({"hello": "world"}, False),
        ("text", False),
        (None, False),
    ],
)
def test_what_api_gateway_takes_for_an_answer(body: object, valid: bool) -> None:  # noqa: FBT001  # a table
    """A proxy response has a status, text and no other keys."""
    assert is_proxy_response(body) is valid


def test_a_layer_is_unpacked_once_and_the_oldest_are_forgotten(tmp_path: Path) -> None:
    """The same content is one directory; only so many are kept."""
    first = unpacked(_archive("0"), tmp_path)
    mark = first / "mark"
    mark.touch()
    assert unpacked(_archive("0"), tmp_path) == first
    assert mark.exists()
    for number in range(1, LAYERS_KEPT + 3):
        unpacked(_archive(str(number)), tmp_path)
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == LAYERS_KEPT


def _archive(content: str) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("python/module.py", content)
    return buffer.getvalue()


def test_a_lifecycle_rule_with_prefix_and_tag_filters_by_both() -> None:
    """Several conditions of a rule are one `And`."""
    rule = {"Prefix": "a/", "TagFilters": [{"Key": "k", "Value": "v"}], "ExpirationInDays": 3}
    root = fromstring(lifecycle_xml({"Rules": [rule]}))  # noqa: S314  # our own
    assert root.findtext("Rule/Filter/And/Prefix") == "a/"
    assert root.findtext("Rule/Filter/And/Tag/Value") == "v"
    assert root.findtext("Rule/Expiration/Days") == "3"
