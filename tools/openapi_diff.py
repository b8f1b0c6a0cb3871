"""
Compare the API's description with an earlier one, texts aside.

``python -m tools.openapi_diff HEAD~10`` prints every place where ``docs/openapi.json`` promises
something else than it did at that revision: paths, parameters, schemas, statuses, headers.
Summaries, descriptions, titles and examples are free to change. Exits with 1 if anything differs.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
DOCUMENT: Final = "docs/openapi.json"
TEXTS: Final = frozenset({"summary", "description", "title", "example", "examples"})
NAMED: Final = frozenset({"properties", "schemas", "responses", "parameters", "paths", "headers"})
"""Below these, a key is a name that the API promises, even if it is called like a text."""

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def differences(before: Json, after: Json, *, at: str = "", named: bool = False) -> Iterator[str]:
    """
    Yield where *after* promises something else than *before*: a JSON pointer and what happened.

    *named* says that the keys of this object are names that the document defines.
    """
    match before, after:
        case dict(), dict():
            kept = {key for key in (*before, *after) if named or key not in TEXTS}
            for key in sorted(kept):
                pointer = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"
                if key not in after:
                    yield f"{pointer}: removed"
                elif key not in before:
                    yield f"{pointer}: added"
                else:
                    below = not named and key in NAMED
                    yield from differences(before[key], after[key], at=pointer, named=below)
        case list(), list() if len(before) == len(after):
            for number, (old, new) in enumerate(zip(before, after, strict=True)):
                yield from differences(old, new, at=f"{at}/{number}")
        case _:
            if before != after:
                yield f"{at}: {before!r} became {after!r}"


def main() -> int:
    """Print the differences from the revision that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision", help="a git revision, such as main~20")
    revision = parser.parse_args().revision
    shown = subprocess.run(
        ["git", "show", f"{revision}:{DOCUMENT}"],  # noqa: S607  # the git of the path
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found = list(
        differences(
            json.loads(shown.stdout), json.loads((ROOT / DOCUMENT).read_text(encoding="utf-8"))
        )
    )
    print("\n".join(found) or f"{DOCUMENT} differs from {revision} in texts only")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
