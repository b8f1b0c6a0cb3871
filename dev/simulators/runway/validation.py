"""
Check a JSON value against the contract and list *every* problem, the way the real API does.

Runway validates with Zod; the issues here have Zod's codes, paths and key names, so that a client
which reads `issues[].path` meets the same shapes. Nothing is raised: problems are data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, cast

from dev.simulators.core.response import JsonObject
from dev.simulators.runway.contract import Contract, UriScheme

Path = tuple[str | int, ...]


class _Missing(Enum):
    """The value of a key that was not sent."""

    MISSING = "undefined"


MISSING: Final = _Missing.MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One problem of a body: where it is, what it is, and what would be right."""

    code: str
    path: Path
    message: str
    details: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> JsonObject:
        """Return the issue as the API prints it."""
        return {
            "code": self.code,
            **self.details,
            "path": list(self.path),
            "message": self.message,
        }


def custom(path: Path, message: str) -> Issue:
    """Return an issue outside the vocabulary of types, such as an asset that cannot be fetched."""
    return Issue(code="custom", path=path, message=message)


def utf16_length(text: str) -> int:
    """Count UTF-16 code units, which is how the API measures text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_request(body: object, contract: Contract) -> list[Issue]:
    """List all problems of an `image_to_video` body; an empty list means it is well formed."""
    if not isinstance(body, dict):
        return [_wrong_type("object", body, ())]
    name = body.get("model", MISSING)
    if isinstance(name, str) and name in contract.models:
        return check(body, contract.models[name].schema, contract)
    issues = [] if isinstance(name, str) else [_wrong_type("string", name, ("model",))]
    details = {"errors": [], "note": "No matching discriminator", "discriminator": "model"}
    unmatched = Issue(
        code="invalid_union", path=("model",), message="Invalid input", details=details
    )
    return [*issues, unmatched]


def check(  # noqa: PLR0911  # one a type
    value: object, schema: object, contract: Contract, path: Path = ()
) -> list[Issue]:
    """List the problems of `value` under a schema of the contract's small dialect."""
    rule = contract.definitions[schema] if isinstance(schema, str) else cast("JsonObject", schema)
    if "anyOf" in rule:
        return _check_any_of(value, cast("Sequence[object]", rule["anyOf"]), contract, path)
    if "enum" in rule:
        return _check_enum(value, cast("Sequence[object]", rule["enum"]), path)
    match rule["type"]:
        case "object":
            return _check_object(value, rule, contract, path)
        case "array":
            return _check_array(value, rule, contract, path)
        case "string":
            return _check_string(value, rule, path)
        case "integer" | "number":
            return _check_number(value, rule, path)
        case "image":
            return _check_image_uri(value, contract.image_schemes, path)
        case _:
            return [] if isinstance(value, bool) else [_wrong_type("boolean", value, path)]


def _check_object(value: object, rule: JsonObject, contract: Contract, path: Path) -> list[Issue]:
    if not isinstance(value, dict):
        return [_wrong_type("object", value, path)]
    properties = cast("dict[str, object]", rule["properties"])
    required = cast("list[str]", rule["required"])
    issues: list[Issue] = []
    for name, schema in properties.items():
        if name in value or name in required:
            issues += check(value.get(name, MISSING), schema, contract, (*path, name))
    unknown = [key for key in value if key not in properties]
    if unknown and rule["unknownKeys"] == "reject":
        word = "key" if len(unknown) == 1 else "keys"
        quoted = ", ".join(f'"{key}"' for key in unknown)
        issues.append(
            Issue(
                code="unrecognized_keys",
                path=path,
                message=f"Unrecognized {word}: {quoted}",
                details={"keys": unknown},
            )
        )
    return issues


def _check_array(value: object, rule: JsonObject, contract: Contract, path: Path) -> list[Issue]:
    if not isinstance(value, list):
        return [_wrong_type("array", value, path)]
    issues = _check_size(
        len(value),
        low=cast("int", rule["minItems"]),
        high=cast("int", rule["maxItems"]),
        unit="array",
        path=path,
    )
    for index, item in enumerate(value):
        issues += check(item, rule["items"], contract, (*path, index))
    return issues


def _check_string(value: object, rule: JsonObject, path: Path) -> list[Issue]:
    if not isinstance(value, str):
        return [_wrong_type("string", value, path)]
    return _check_size(
        utf16_length(value),
        low=cast("int", rule["minLength"]),
        high=cast("int", rule["maxLengthUtf16"]),
        unit="string",
        path=path,
    )


def _check_number(value: object, rule: JsonObject, path: Path) -> list[Issue]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [_wrong_type("number", value, path)]
    if rule["type"] == "integer" and isinstance(value, float) and not value.is_integer():
        message = "Invalid input: expected int, received number"
        details = {"expected": "int", "format": "safeint"}
        return [Issue(code="invalid_type", path=path, message=message, details=details)]
    return _check_size(
        value,
        low=cast("float", rule["minimum"]),
        high=cast("float", rule["maximum"]),
        unit="number",
        path=path,
    )


def _check_enum(value: object, allowed: Sequence[object], path: Path) -> list[Issue]:
    if not isinstance(value, bool) and value in allowed:
        return []
    quoted = "|".join(f'"{item}"' if isinstance(item, str) else str(item) for item in allowed)
    expected = "expected" if len(allowed) == 1 else "expected one of"
    opening = "Invalid input" if len(allowed) == 1 else "Invalid option"
    return [
        Issue(
            code="invalid_value",
            path=path,
            message=f"{opening}: {expected} {quoted}",
            details={"values": list(allowed)},
        )
    ]


def _check_any_of(
    value: object, schemas: Sequence[object], contract: Contract, path: Path
) -> list[Issue]:
    """
    Accept the first branch that fits.

    When none does, the branch of the value's own kind speaks alone: "too long" helps, "not an
    array either" does not. A value of no branch's kind gets Zod's union issue with all of them.
    """
    attempts = [check(value, schema, contract, path) for schema in schemas]
    if [] in attempts:
        return []
    for attempt in attempts:
        foreign = any(i.path == path and i.code in _WRONG_KIND for i in attempt)
        if not foreign:
            return attempt
    errors = [
        [{**issue.as_json(), "path": list(issue.path[len(path) :])} for issue in attempt]
        for attempt in attempts
    ]
    details = {"errors": errors}
    return [Issue(code="invalid_union", path=path, message="Invalid input", details=details)]


_WRONG_KIND: Final = frozenset({"invalid_type", "invalid_value", "invalid_union"})


def _check_image_uri(value: object, schemes: tuple[UriScheme, ...], path: Path) -> list[Issue]:
    if not isinstance(value, str):
        return [_wrong_type("string", value, path)]
    for scheme in schemes:
        if value.startswith(scheme.prefix):
            return _check_size(
                utf16_length(value),
                low=scheme.min_length,
                high=scheme.max_length,
                unit="string",
                path=path,
            )
    if value.startswith("http://"):
        return [custom(path, "Only HTTPS URLs are allowed.")]
    patterns = "|".join(f"^{scheme.prefix}.*" for scheme in schemes)
    details = {"origin": "string", "format": "regex", "pattern": f"/{patterns}/"}
    message = f"Invalid string: must match pattern /{patterns}/"
    return [Issue(code="invalid_format", path=path, message=message, details=details)]


def _check_size(value: float, *, low: float, high: float, unit: str, path: Path) -> list[Issue]:
    if low <= value <= high:
        return []
    code, bound_name, bound, sign = (
        ("too_small", "minimum", low, ">=") if value < low else ("too_big", "maximum", high, "<=")
    )
    verb = {"string": "have ", "array": "have ", "number": "be "}[unit]
    noun = {"string": " characters", "array": " items", "number": ""}[unit]
    opening = "Too small" if code == "too_small" else "Too big"
    details = {"origin": unit, "type": unit, bound_name: bound, "inclusive": True}
    message = f"{opening}: expected {unit} to {verb}{sign}{bound}{noun}"
    return [Issue(code=code, path=path, message=message, details=details)]


def _wrong_type(expected: str, value: object, path: Path) -> Issue:
    message = f"Invalid input: expected {expected}, received {_json_type(value)}"
    details = {"expected": expected}
    return Issue(code="invalid_type", path=path, message=message, details=details)


def _json_type(value: object) -> str:  # noqa: PLR0911  # one a type
    match value:
        case _Missing.MISSING:
            return "undefined"
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
