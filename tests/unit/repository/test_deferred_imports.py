"""How imports of the libraries are moved to where they are used."""

from pathlib import Path

import pytest

from tools.deferred_imports import DEFERRED, CannotDefer, defer

HEAVY = "from heavy import parse"


def test_an_import_moves_into_the_functions_that_use_it() -> None:
    """The module starts without it, and each function binds it for itself."""
    source = f'{HEAVY}\nKEPT = 1\n\ndef one(text):\n    """Doc."""\n    return parse(text)\n'
    assert defer(source, HEAVY) == (
        f'KEPT = 1\n\ndef one(text):\n    """Doc."""\n    {HEAVY}\n    return parse(text)\n'
    )


def test_a_branch_not_taken_does_not_import() -> None:
    """The import stands in the innermost block that holds every use."""
    source = f"{HEAVY}\ndef one(text):\n    if text:\n        return parse(text)\n    return None\n"
    assert f"    if text:\n        {HEAVY}\n        return parse" in defer(source, HEAVY)


def test_a_use_in_the_condition_comes_after_the_import() -> None:
    """A name read by the condition itself is bound before it."""
    source = f"{HEAVY}\ndef one(text):\n    if parse(text):\n        return parse\n"
    assert f"{HEAVY}\n    if parse(text)" in defer(source, HEAVY)


def test_a_decorated_function_within_one_stays_decorated() -> None:
    """The import comes before its decorators."""
    source = f"{HEAVY}\ndef one():\n    @wrap\n    def two():\n        parse()\n    return two\n"
    assert defer(source, HEAVY) == (
        f"def one():\n    {HEAVY}\n    @wrap\n    def two():\n        parse()\n    return two\n"
    )


def test_each_function_imports_only_what_it_uses() -> None:
    """One statement with two names is split."""
    source = (
        "from heavy import parse, write\n"
        "def one():\n    return parse()\n"
        "class Two:\n    def two(self):\n        return [write(each) for each in self]\n"
    )
    moved = defer(source, "from heavy import parse, write")
    assert "def one():\n    from heavy import parse\n    return" in moved
    assert "def two(self):\n        from heavy import write\n        return" in moved


def test_imports_behind_a_condition_move_too() -> None:
    """Optional libraries are imported in a `try`."""
    source = f"try:\n    import light\n    {HEAVY}\nexcept ImportError:\n    pass\n"
    assert defer(source, HEAVY) == "try:\n    import light\nexcept ImportError:\n    pass\n"


@pytest.mark.parametrize(
    "rest",
    [
        "KEPT = parse('1')\n",
        "def one(text=parse('1')):\n    return text\n",
        "@parse\ndef one():\n    return 1\n",
        "class One(parse):\n    pass\n",
        "def one(value: parse):\n    return value\n",
        "def one():\n    parse = 1\n    return parse\n",
        "def one(parse):\n    return parse\n",
        "def one(): return parse('1')\n",
    ],
)
def test_what_would_change_the_meaning_is_refused(rest: str) -> None:
    """The build fails rather than that a module breaks, or binds another thing."""
    with pytest.raises(CannotDefer):
        defer(f"{HEAVY}\n{rest}", HEAVY)


def test_an_import_that_is_gone_is_refused() -> None:
    """A new version of a library is looked at again."""
    with pytest.raises(CannotDefer, match="is not there"):
        defer("import light\n", HEAVY)


def test_annotations_that_nobody_evaluates_do_not_count() -> None:
    """With postponed annotations a name in one is only text."""
    source = f"from __future__ import annotations\n{HEAVY}\ndef one(value: parse) -> parse: ...\n"
    assert HEAVY not in defer(source, HEAVY)


def test_every_listed_import_is_still_where_the_list_says() -> None:
    """The locked versions, as they are installed here, can be trimmed."""
    import botocore  # noqa: PLC0415  # only to find where libraries lie

    installed = Path(botocore.__file__).parents[1]
    for name, statements in DEFERRED.items():
        source = (installed / name).read_text()
        for statement in statements:
            source = defer(source, statement)
        compile(source, name, "exec")
