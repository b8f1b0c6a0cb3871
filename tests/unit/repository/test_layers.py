"""How the layers are built, as far as that needs no download."""

import sys

import pytest

from tools import layer_contents, layers
from tools.layers import BuildFailed, build_all, find_interpreter


def test_layers_without_byte_code_are_not_shipped_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cold start would compile anew, three times as long."""
    monkeypatch.setattr(layers, "find_interpreter", lambda _version: None)
    with pytest.raises(BuildFailed, match="ALLOW_NO_BYTECODE=1"):
        list(build_all("lambda", without_byte_code=False))


def test_the_interpreter_that_compiles_is_of_the_version_asked_for() -> None:
    """Byte code is good for one minor version only."""
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert find_interpreter(ours) == sys.executable
    assert find_interpreter("3.0") is None


def test_models_lose_their_texts_and_nothing_else() -> None:
    """A member that is called `documentation` is part of the model."""
    model = {
        "shapes": {
            "Api": {
                "type": "structure",
                "members": {"documentation": {"shape": "Text", "documentation": "<p>Words</p>"}},
                "documentation": "<p>Words</p>",
            }
        }
    }
    assert layer_contents.undocumented(model) == {
        "shapes": {
            "Api": {
                "type": "structure",
                "members": {"documentation": {"shape": "Text", "documentation": ""}},
                "documentation": "",
            }
        }
    }
