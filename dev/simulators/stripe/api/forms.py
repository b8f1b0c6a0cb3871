"""Form bodies and query strings, nested as Stripe nests them: `a[b][0][c]=1`, `expand[]=x`."""

import re
from typing import Final
from urllib.parse import parse_qsl

from dev.simulators.stripe.errors import invalid

Form = dict[str, "str | Form"]
"""A decoded form. Arrays are still objects with the keys "0", "1" …: only a type can tell."""

MAX_FIELDS: Final = 2000
"""More fields than the largest session has; a bound on the work of one request."""
_MAX_DEPTH: Final = 10
_KEY: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART: Final = re.compile(r"\[([^\[\]]*)\]")


def decode(encoded: str | bytes) -> Form:
    """Return the nested form; raise `StripeFailure` for a name that cannot be nested."""
    try:
        text = encoded.decode("ascii") if isinstance(encoded, bytes) else encoded
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise invalid("Invalid request: the body could not be decoded.") from error
    form: Form = {}
    for name, value in pairs:
        _put(form, name, value)
    return form


def _put(form: Form, name: str, value: str) -> None:
    match = _KEY.fullmatch(name)
    if match is None:
        raise invalid(f"Invalid request: malformed parameter name {name!r}.", param=name)
    path = [match[1], *_PART.findall(match[2])]
    if len(path) > _MAX_DEPTH:
        raise invalid("Invalid request: parameters are nested too deeply.", param=match[1])
    place = form
    for part in path[:-1]:
        inner = place.setdefault(part or str(len(place)), {})
        if isinstance(inner, str):
            raise invalid(f"Invalid object: {name}", param=match[1])
        place = inner
    last = path[-1] or str(len(place))
    if isinstance(place.get(last), dict):
        raise invalid(f"Invalid string: {name}", param=match[1])
    place[last] = value
