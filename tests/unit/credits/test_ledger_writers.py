"""Who may write the ledger's tables: read from the source itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CORE = ROOT / "layers" / "core" / "python" / "echoes"
LEDGER = CORE / "adapters" / "dynamodb" / "credits" / "ledger.py"
BOOKS = CORE / "adapters" / "dynamodb" / "books.py"
ITEMS = "echoes.adapters.dynamodb.credits.items"
TABLES = {"CREDIT_ENTRIES_TABLE", "CREDIT_STATE_TABLE"}
WRITES = {"save", "update", "delete", "batch_write", "put_item", "update_item", "delete_item"}


def shipped() -> Iterator[tuple[Path, ast.Module]]:
    for folder in (CORE, ROOT / "lambdas"):
        for path in sorted(folder.rglob("*.py")):
            yield path, ast.parse(path.read_text())


def imports(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def methods(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def calls(node: ast.AST) -> set[str]:
    return {
        call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute | ast.Name)
    }


def test_only_the_ledger_knows_the_items_of_its_tables() -> None:
    """CR2: no other module can even name an account or an entry as stored, but the audit."""
    who = {path for path, tree in shipped() if ITEMS in imports(tree)}
    assert who == {LEDGER, BOOKS}


def test_the_audit_writes_nothing() -> None:
    """CR2: who checks the books has no pen."""
    found = calls(ast.parse(BOOKS.read_text()))
    assert not found & (WRITES | {"TransactWrite", "transact_write_items"})


def test_only_the_settings_know_the_names_of_its_tables() -> None:
    """CR2: no other module reaches the tables."""
    who = {
        path.name
        for path, tree in shipped()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in TABLES
    }
    assert who == {"settings.py"}


def test_the_tables_names_go_only_where_ledgers_are_made() -> None:
    """CR2: the setting is read by composition roots, which hand it to the ledger or the audit."""
    for path, tree in shipped():
        if "echoes.settings.LedgerTables" in imports(tree):
            source = path.read_text()
            known = "DynamoLedger" in source or "DynamoBooks" in source
            assert known, f"{path} reads the names of the tables"
            assert path.is_relative_to(CORE / "bootstrap"), path


def test_only_post_changes_a_balance() -> None:
    """CR2: within the ledger, every write hangs on `post`, in one transaction."""
    found = methods(ast.parse(LEDGER.read_text()))
    writers = {name for name, node in found.items() if calls(node) & WRITES}
    begins = {name for name, node in found.items() if "TransactWrite" in calls(node)}
    assert begins == {"post"}
    assert writers
    for writer in writers:
        assert {name for name, node in found.items() if writer in calls(node)} == {"post"}


def test_an_entry_is_only_ever_put() -> None:
    """CR6, L16: no update and no delete of an entry exists in the code; the role has neither."""
    entry_writers = {
        name: calls(node) & WRITES
        for name, node in methods(ast.parse(LEDGER.read_text())).items()
        if "self._entries" in ast.unparse(node) and calls(node) & WRITES
    }
    assert entry_writers == {"_write_entry": {"save"}}
