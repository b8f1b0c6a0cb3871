"""A fake is found by the name of its port."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FAKES = ROOT / "dev" / "fakes"
PORTS = ROOT / "layers" / "core" / "python" / "echoes" / "application" / "ports"
WITHOUT_PORT = {"idempotency", "state_machine"}
MODULES = sorted(path.stem for path in FAKES.glob("[a-z]*.py"))


def classes(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def test_every_module_of_fakes_is_named_after_a_module_of_ports() -> None:
    """A reader who knows the port finds its fake, and the other way round."""
    assert {path.stem for path in PORTS.glob("[a-z]*.py")} == set(MODULES) - WITHOUT_PORT


@pytest.mark.parametrize("module", sorted(set(MODULES) - WITHOUT_PORT))
def test_every_fake_bears_the_name_of_a_port_of_its_module(module: str) -> None:
    """`InMemoryClips` is the port `Clips` of `ports/clips.py`; `Plain` marks simple processors."""
    ports = classes(PORTS / f"{module}.py")
    for name in classes(FAKES / f"{module}.py"):
        for prefix in ("InMemory", "Plain", "Fake"):
            if name.startswith(prefix):
                assert name.removeprefix(prefix) in ports, name
