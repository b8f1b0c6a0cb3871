"""What of the installed libraries a layer keeps: only what a running function reads."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any, Final

# The services our adapters, Powertools and their tests of credentials call.
SERVICES: Final = frozenset(
    {"dynamodb", "events", "kms", "s3", "secretsmanager", "sqs", "stepfunctions", "sts"}
)
# What a running function never reads. Licences stay.
NEEDLESS_FOLDERS: Final = ("bin", "tests", "test", "__pycache__", "include")
NEEDLESS_SUFFIXES: Final = (".pyi", ".pyx", ".pxd", ".c", ".h", ".pyc")
NEEDLESS_RECORDS: Final = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "top_level.txt")


def trim(packages: Path) -> None:
    """Remove from *packages* what no function of ours reads."""
    _strip(packages)
    if (packages / "botocore").exists():
        _trim_botocore(packages / "botocore" / "data")


def _strip(packages: Path) -> None:
    for folder in NEEDLESS_FOLDERS:
        for found in [path for path in packages.rglob(folder) if path.is_dir()]:
            shutil.rmtree(found, ignore_errors=True)
    for path in [path for path in packages.rglob("*") if path.is_file()]:
        recorded = path.parent.suffix == ".dist-info" and path.name in NEEDLESS_RECORDS
        if recorded or path.suffix in NEEDLESS_SUFFIXES or path.name == ".lock":
            path.unlink()


def _trim_botocore(data: Path) -> None:
    """
    Keep the models of the services we call, and of those what is read at run time.

    25 of 28 megabytes go. `endpoints.json` is parsed whole by each new session: without the other
    services it costs a hundredth of the time. The models are kept without their documentation and
    unpacked, since making a client reads them whole; the layer's archive packs them anyway.
    """
    for service in [path for path in data.iterdir() if path.is_dir()]:
        if service.name not in SERVICES:
            shutil.rmtree(service)
    for examples in list(data.rglob("examples-1.json*")):
        examples.unlink()
    for packed in list(data.rglob("*.json.gz")):
        model = json.loads(gzip.decompress(packed.read_bytes()))
        _write_json(packed.with_suffix(""), undocumented(model))
        packed.unlink()
    file = data / "endpoints.json"
    endpoints = json.loads(file.read_text())
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: value
            for name, value in partition["services"].items()
            if name in {*SERVICES, "states"}
        }
    _write_json(file, endpoints)


def undocumented(model: Any) -> Any:  # noqa: ANN401  # any JSON
    """
    Return *model* with empty texts. A member that is called so has a model, and stays.

    The key stays too: botocore reads it without asking where a client has settings of its own.
    """
    if isinstance(model, dict):
        return {
            name: "" if name == "documentation" and isinstance(value, str) else undocumented(value)
            for name, value in model.items()
        }
    if isinstance(model, list):
        return [undocumented(value) for value in model]
    return model


def _write_json(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, separators=(",", ":")))
