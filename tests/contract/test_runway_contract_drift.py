"""The simulator's contract says what the official SDK's types say; an SDK upgrade shows drift."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Required, Union, get_args, get_origin, get_type_hints

import pytest
from runwayml._utils import PropertyInfo
from runwayml.types.image_to_video_create_params import ImageToVideoCreateParams

from dev.simulators.runway.contract import load_contract


def wire_name(name: str, hint: object) -> str:
    for part in _parts(hint):
        if isinstance(part, PropertyInfo) and part.alias:
            return part.alias
    return name


def literals(hint: object) -> set[object]:
    return {
        value for part in _parts(hint) if get_origin(part) is Literal for value in get_args(part)
    }


def _parts(hint: object) -> Iterator[object]:
    yield hint
    if get_origin(hint) in (Annotated, Required, Union, UnionType):
        for part in get_args(hint):
            yield from _parts(part)


def is_required(hint: object) -> bool:
    return any(get_origin(part) is Required for part in _parts(hint))


def sdk_variants() -> dict[str, dict[str, object]]:
    found = {}
    for variant in get_args(ImageToVideoCreateParams):
        hints = get_type_hints(variant, include_extras=True)
        (model,) = literals(hints["model"])
        found[str(model)] = {wire_name(name, hint): hint for name, hint in hints.items()}
    return found


SDK = sdk_variants()
OURS = load_contract().models


def test_the_models_are_the_sdks() -> None:
    """No model is missing, none is invented."""
    assert set(OURS) == set(SDK)


@pytest.mark.parametrize("name", sorted(SDK))
def test_a_models_fields_and_their_choices_are_the_sdks(name: str) -> None:
    """Names, which of them are required, and every closed list of values agree."""
    hints = SDK[name]
    schema: Any = OURS[name].schema
    assert set(schema["properties"]) == set(hints)
    assert set(schema["required"]) == {key for key, hint in hints.items() if is_required(hint)}
    for key, hint in hints.items():
        rule = schema["properties"][key]
        if isinstance(rule, dict) and "enum" in rule:
            assert set(rule["enum"]) == literals(hint), key
