"""What the deployer makes of a synthesised assembly."""

import json
import os
from pathlib import Path
from typing import Any

from dev.cloud.deploy import read_assembly, zipped


def _assembly(directory: Path, artifacts: dict[str, Any]) -> Path:
    (directory / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    for key in artifacts:
        (directory / f"{key}.template.json").write_text("{}")
    return directory


def _stack(key: str, *dependencies: str, **properties: object) -> dict[str, Any]:
    return {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": f"{key}.template.json", **properties},
        "dependencies": list(dependencies),
    }


def test_stacks_come_after_what_they_depend_on(tmp_path: Path) -> None:
    """The order follows the dependencies, not the names."""
    artifacts = {"A": _stack("A", "C", "A.assets"), "B": _stack("B", "A"), "C": _stack("C")}
    names = [stack.name for stack in read_assembly(_assembly(tmp_path, artifacts))]
    assert names == ["C", "A", "B"]


def test_a_stack_keeps_the_name_it_is_given(tmp_path: Path) -> None:
    """`stackName` wins over the artifact's key."""
    artifacts = {"A": _stack("A", stackName="echoes-local-data")}
    assert read_assembly(_assembly(tmp_path, artifacts))[0].name == "echoes-local-data"


def test_a_stacks_digest_follows_its_template_and_assets(tmp_path: Path) -> None:
    """Unchanged files give the same digest; a changed template or asset another one."""
    directory = _assembly(tmp_path, {"A": _stack("A")})
    first = read_assembly(directory)[0].digest()
    assert read_assembly(directory)[0].digest() == first
    asset = {
        "source": {"path": "asset.1", "packaging": "zip"},
        "destinations": {"here": {"objectKey": "1.zip"}},
    }
    (directory / "A.assets.json").write_text(json.dumps({"files": {"1": asset}}))
    second = read_assembly(directory)[0].digest()
    (directory / "A.template.json").write_text('{"Resources": {}}')
    third = read_assembly(directory)[0].digest()
    assert len({first, second, third}) == 3


def test_a_zip_depends_on_content_alone(tmp_path: Path) -> None:
    """Neither times nor compiled files change the archive of a folder."""
    (tmp_path / "handler.py").write_text("x = 1")
    first = zipped(tmp_path)
    os.utime(tmp_path / "handler.py", (1, 1))
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "handler.pyc").write_bytes(b"compiled")
    assert zipped(tmp_path) == first
    (tmp_path / "handler.py").write_text("x = 2")
    assert zipped(tmp_path) != first
