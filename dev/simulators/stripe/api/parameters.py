"""
Requests, checked against the parameter types of the installed SDK.

`stripe/params/**` has a TypedDict for every request of the SDK's API version, so this validator
is as new as the SDK. `Literal[...] | str` is narrowed to the Literal: Stripe refuses what is not
listed.
"""

import functools
import importlib
import re
import types
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, Union, get_args, get_origin, is_typeddict

import typing_extensions
from stripe._request_options import RequestOptions

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.api.forms import Form
from dev.simulators.stripe.errors import StripeFailure, invalid

_OPTIONS: Final = frozenset(RequestOptions.__annotations__)
_MAY_BE_LEFT_OUT: Final[tuple[object, ...]] = (typing_extensions.NotRequired,)
_INTEGER: Final = re.compile(r"-?\d{1,18}")
_INDEX: Final = re.compile(r"\d{1,6}")
_STAND_INS: Final = {"Mapping": Mapping, "StripeContext": str, "UntypedStripeObject": dict}
"""Names that the SDK imports for type checkers only, or that mean a plain object here."""


class UnknownType(TypeError):
    """The SDK uses a form of type that this validator does not know."""


def validate(form: Form, params: str) -> JsonObject:
    """
    Return the request with typed values; raise `StripeFailure` for what Stripe would refuse.

    `params` names the request's type: `checkout.SessionCreateParams`. It knows no rules between
    fields, no amounts and no lengths: see `rules`.
    """
    return _object(form, _typed_dict(params), "")


@functools.cache
def _typed_dict(params: str) -> Any:  # noqa: ANN401  # a TypedDict class has no type
    *folder, name = params.split(".")
    module = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    found = importlib.import_module(".".join(["stripe", "params", *folder, f"_{module}"]))
    return getattr(found, name)


@functools.cache
def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:  # noqa: ANN401  # the same
    """Return each field's type, and whether it must be there."""
    hints = typing_extensions.get_type_hints(kind, localns=_STAND_INS, include_extras=True)
    fields: dict[str, tuple[Any, bool]] = {}
    for name, hint in hints.items():
        if name in _OPTIONS and _has_options(kind):
            continue
        optional = get_origin(hint) in _MAY_BE_LEFT_OUT
        fields[name] = (get_args(hint)[0] if optional else hint, not optional)
    return fields


def _has_options(kind: Any) -> bool:  # noqa: ANN401  # the same
    """Tell whether a TypedDict has the SDK's options (key, version …) among its fields."""
    return frozenset(kind.__annotations__) >= _OPTIONS


def _object(value: str | Form, kind: Any, at: str) -> JsonObject:  # noqa: ANN401  # the same
    if isinstance(value, str):
        raise invalid("Invalid object", param=at)
    fields = _fields(kind)
    for name in value:
        if name not in fields:
            where = _join(at, name)
            raise invalid(
                f"Received unknown parameter: {where}", param=where, code="parameter_unknown"
            )
    for name, (_, required) in fields.items():
        if required and name not in value:
            where = _join(at, name)
            raise invalid(
                f"Missing required param: {where}.", param=where, code="parameter_missing"
            )
    return {name: _value(inner, fields[name][0], _join(at, name)) for name, inner in value.items()}


def _join(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


def _value(value: str | Form, kind: Any, at: str) -> Any:  # noqa: ANN401  # any JSON value
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(value, get_args(kind), at)
    if origin is Literal:
        return _choice(value, get_args(kind), at)
    if origin is list:
        return _list(value, get_args(kind)[0], at)
    if origin is dict or kind is dict:
        return _dict(value, at)
    if is_typeddict(kind) or typing_extensions.is_typeddict(kind):
        return _object(value, kind, at)
    return _scalar(value, kind, at)


def _union(value: str | Form, members: tuple[Any, ...], at: str) -> Any:  # noqa: ANN401  # as above
    choices = [each for each in members if get_origin(each) is Literal]
    if any(choice != "" for each in choices for choice in get_args(each)):
        members = tuple(each for each in members if each is not str)
    elif choices and value == "":
        return ""
    others = [each for each in members if each not in choices]
    if not others:
        return _choice(value, tuple(c for each in choices for c in get_args(each)), at)
    if any(value == choice for each in choices for choice in get_args(each)):
        return value
    failure: StripeFailure | None = None
    for each in others:
        try:
            return _value(value, each, at)
        except StripeFailure as error:
            # The member of the value's own shape explains best what is wrong.
            if failure is None or isinstance(value, dict) == _takes_objects(each):
                failure = error
    raise failure or UnknownType(f"{at}: {members}")


def _takes_objects(kind: Any) -> bool:  # noqa: ANN401  # a type
    return typing_extensions.is_typeddict(kind) or get_origin(kind) in (dict, list)


def _choice(value: str | Form, choices: tuple[Any, ...], at: str) -> Any:  # noqa: ANN401  # as above
    for choice in choices:
        if value == (str(choice).lower() if isinstance(choice, bool) else str(choice)):
            return choice
    names = [str(choice) for choice in choices if choice != ""]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, or {names[-1]}"
    noun = "one of " if len(names) > 1 else ""
    raise invalid(f"Invalid {at}: must be {noun}{listed}", param=at)


def _list(value: str | Form, kind: Any, at: str) -> list[Any]:  # noqa: ANN401  # a type
    if isinstance(value, str) or not all(_INDEX.fullmatch(index) for index in value):
        raise invalid("Invalid array", param=at)
    ordered = sorted(value.items(), key=lambda item: int(item[0]))
    return [_value(inner, kind, _join(at, index)) for index, inner in ordered]


def _dict(value: str | Form, at: str) -> JsonObject:
    if isinstance(value, str):
        raise invalid("Invalid object", param=at)
    for name, inner in value.items():
        if not isinstance(inner, str):
            raise invalid("Invalid string", param=_join(at, name))
    return dict(value)


def _scalar(value: str | Form, kind: Any, at: str) -> Any:  # noqa: ANN401  # a table
    if not isinstance(value, str):
        raise invalid(f"Invalid string: {value}", param=at)
    if value == "":
        message = (
            f"You passed an empty string for '{at}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{at}' cannot be unset. You should remove '{at}' from "
            "your request or supply a non-empty value."
        )
        raise invalid(message, param=at, code="parameter_invalid_empty")
    if kind is str or kind is Any:
        return value
    if kind is bool:
        if value in ("true", "false"):
            return value == "true"
        raise invalid(f"Invalid boolean: {value}", param=at)
    if kind is int:
        if _INTEGER.fullmatch(value):
            return int(value)
        raise invalid(f"Invalid integer: {value}", param=at, code="parameter_invalid_integer")
    if kind in (float, Decimal):
        try:
            number = Decimal(value)
        except InvalidOperation as error:
            raise invalid(f"Invalid decimal: {value}", param=at) from error
        return float(number) if kind is float else value
    raise UnknownType(f"{at}: {kind!r}")
