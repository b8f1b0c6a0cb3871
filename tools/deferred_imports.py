"""
Imports of the libraries that a function's start need not wait for.

`tools.layers` moves each import listed here from the top of its module into the functions that use
what it binds. What it brings along (botocore's writer of documentation, archive readers, X.509
parsers) is then imported at the first use, which for most of it never comes.

Listed is only what saves some function 0.3 times what bare Python takes to start. Together it is 1
for every function, 2.4 more where idempotency is kept, and 2.8 more where tokens are verified.

Nothing is edited by hand: the change is derived from the library's own source. The build fails when
a listed import is gone, is used while its module starts, or is taken from there by another module.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

DEFERRED: Final[Mapping[str, tuple[str, ...]]] = {
    # HTTP/2 is off; its module asks for a version, which takes the readers of wheels and archives.
    "urllib3/http2/__init__.py": ("from importlib.metadata import version",),
    # Docstrings of clients are written when somebody reads them: `help(client)`.
    "botocore/docs/__init__.py": ("from botocore.docs.service import ServiceDocumenter",),
    "botocore/docs/docstring.py": (
        "from botocore.docs.bcdoc.restdoc import DocumentStructure",
        "from botocore.docs.method import document_model_driven_method",
        "from botocore.docs.paginator import document_paginate_method",
        "from botocore.docs.waiter import document_wait_method",
    ),
    # We hand the clients over, and keep records ourselves.
    "aws_lambda_powertools/utilities/idempotency/persistence/dynamodb.py": (
        "import boto3",
        "from boto3.dynamodb.types import TypeDeserializer",
    ),
    # Keys that come in certificates; ours come as JSON.
    "jwt/algorithms.py": ("from cryptography import x509",),
}


class CannotDefer(Exception):
    """A listed import cannot be moved in the library as it stands; the message says why."""


def defer_imports(packages: Path) -> None:
    """Rewrite the modules of *packages* that are listed. Raises `CannotDefer`."""
    for name, statements in DEFERRED.items():
        file = packages / name
        if not (packages / Path(name).parts[0]).exists():
            continue  # not in this layer
        try:
            source = file.read_text()
            for statement in statements:
                source = defer(source, statement)
        except (CannotDefer, FileNotFoundError) as error:
            raise CannotDefer(f"{name}: {error}") from error
        file.write_text(source)
    _check_nobody_takes_them(packages)


def _check_nobody_takes_them(packages: Path) -> None:
    """Raise `CannotDefer` if a module imports what another one no longer binds."""
    gone = {
        (".".join(Path(name).with_suffix("").parts).removesuffix(".__init__"), bound)
        for name, statements in DEFERRED.items()
        for statement in statements
        for bound in _bound(ast.parse(statement).body[0])
    }
    roots = {Path(name).parts[0] for name in DEFERRED}
    for root in sorted(roots):
        for file in sorted((packages / root).rglob("*.py")):
            parents = file.relative_to(packages).parts
            for node in ast.walk(ast.parse(file.read_bytes())):
                if not isinstance(node, ast.ImportFrom):
                    continue
                base = parents[: len(parents) - node.level] if node.level else ()
                module = ".".join([*base, *([node.module] if node.module else [])])
                taken = gone & {(module, alias.name) for alias in node.names}
                if taken:
                    raise CannotDefer(f"{file.relative_to(packages)} takes {sorted(taken)}")


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names that an import binds."""
    aliases = statement.names if isinstance(statement, ast.Import | ast.ImportFrom) else []
    return {alias.asname or alias.name.partition(".")[0] for alias in aliases}


def defer(source: str, statement: str) -> str:
    """Return *source* with the import *statement* where it is used. Raises `CannotDefer`."""
    module = ast.parse(source)
    found = _find(module, statement)
    imports = {
        alias.asname or alias.name.partition(".")[0]: ast.unparse(_only(found, alias))
        for alias in found.names
    }
    uses = _Uses(imports, annotations_run=not _postpones_annotations(module))
    uses.visit(module)
    lines = source.splitlines(keepends=True)
    insertions = [
        (_before_first(function.body, name), imports[name])
        for function, names in uses.inside.items()
        for name in names
    ]
    for before, line in sorted(insertions, key=_place, reverse=True):
        number = _place((before, line))[0]
        if lines[number - 1][: before.col_offset].strip():
            raise CannotDefer(f"line {number} holds more than one statement")
        lines.insert(number - 1, f"{' ' * before.col_offset}{line}\n")
    lines[found.lineno - 1 : found.end_lineno] = []
    return "".join(lines)


def _place(insertion: tuple[ast.stmt, str]) -> tuple[int, str]:
    """Return the line of an insertion's statement, decorators included, and what tells it apart."""
    before, line = insertion
    decorators = getattr(before, "decorator_list", [])
    return min([before.lineno, *(each.lineno for each in decorators)]), line


def _find(module: ast.Module, statement: str) -> ast.Import | ast.ImportFrom:
    """Return the import at the top of *module*, or of a condition there that holds more."""
    wanted = ast.unparse(ast.parse(statement))
    guarded = [node.body for node in module.body if isinstance(node, ast.Try | ast.If)]
    for node in [*module.body, *(each for body in guarded if len(body) > 1 for each in body)]:
        if isinstance(node, ast.Import | ast.ImportFrom) and ast.unparse(node) == wanted:
            return node
    raise CannotDefer(f"`{statement}` is not there")


def _only(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    if isinstance(statement, ast.Import):
        return ast.Import(names=[alias])
    return ast.ImportFrom(module=statement.module, names=[alias], level=statement.level)


def _postpones_annotations(module: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in module.body
    )


def _before_first(block: list[ast.stmt], name: str) -> ast.stmt:
    """
    Return the statement before which *name* has to be bound: in the innermost block with all uses.

    So what returns early, or takes another branch, does not import.
    """
    using = [statement for statement in block if _reads(statement, name)]
    if len(using) == 1:
        blocks = [each for each in _blocks(using[0]) if any(_reads(one, name) for one in each)]
        inner = sum(_reads_count(one, name) for each in blocks for one in each)
        if len(blocks) == 1 and inner == _reads_count(using[0], name):
            return _before_first(blocks[0], name)
    return using[0]


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    """Return the blocks of a branch; a loop, a function and a class are entered as a whole."""
    if isinstance(statement, ast.If | ast.With):
        return [statement.body, *([statement.orelse] if isinstance(statement, ast.If) else [])]
    return []


def _reads(node: ast.AST, name: str) -> bool:
    return _reads_count(node, name) > 0


def _reads_count(node: ast.AST, name: str) -> int:
    return sum(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))


class _Uses(ast.NodeVisitor):
    """
    Which outermost functions read *names*.

    Every other use, and every other binding, raises `CannotDefer`. Annotations do not count where
    nothing evaluates them.
    """

    def __init__(self, names: Iterable[str], *, annotations_run: bool) -> None:
        self.inside: dict[Function, set[str]] = defaultdict(set)
        self._names = frozenset(names)
        self._annotations_run = annotations_run
        self._function: Function | None = None

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Go through a function."""
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Go through a function."""
        self._visit_function(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Note a use."""
        if node.id not in self._names:
            return
        if self._function is None:
            raise CannotDefer(f"line {node.lineno} uses `{node.id}` while the module starts")
        if not isinstance(node.ctx, ast.Load):
            raise CannotDefer(f"line {node.lineno} binds `{node.id}` too")
        self.inside[self._function].add(node.id)

    def visit_arg(self, node: ast.arg) -> None:
        """Go through a parameter."""
        if node.arg in self._names:
            raise CannotDefer(f"line {node.lineno} binds `{node.arg}` too")
        self._visit_annotation(node.annotation)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Go through an annotated assignment; a function never evaluates its annotation."""
        self.visit(node.target)
        if node.value:
            self.visit(node.value)
        if self._function is None:
            self._visit_annotation(node.annotation)

    def _visit_annotation(self, annotation: ast.expr | None) -> None:
        if annotation and self._annotations_run:
            self.visit(annotation)

    def _visit_function(self, node: Function) -> None:
        outermost = self._function is None
        for each in [*node.decorator_list, node.args]:  # defaults among them
            self.visit(each)
        self._visit_annotation(node.returns)
        if outermost:
            self._function = node
        for statement in node.body:
            self.visit(statement)
        if outermost:
            self._function = None
