"""Synthesise the stacks for the local cloud, unless nothing they are made of has changed."""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from dev.cloud.instance import Instance
from dev.cloud.simulators import SIMULATORS

# What the stacks are made of. Built layers are large: their sizes and times stand for them.
_SOURCES = ("cdk.json", "pyproject.toml", "infra", "lambdas", "layers", "requirements")
_BUILT = ("compiled", "vendor", "video")
_IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".DS_Store"}
LONGEST_SYNTH_SECONDS = 180.0


class SynthFailed(Exception):
    """The stacks could not be synthesised; the message is what the command said."""


def _error_text(output: str) -> str:
    """Return what a command printed, without the frame that jsii draws around its advice."""
    return "\n".join(line for line in output.splitlines() if not line.startswith("b'!!")).strip()


def synth_command() -> list[str]:
    """Return the command that writes the assembly: `ECHOES_SYNTH`, or our CDK app."""
    named = os.environ.get("ECHOES_SYNTH")
    return shlex.split(named) if named else [sys.executable, "-m", "infra.app"]


def synth_context(instance: Instance) -> dict[str, str]:
    """Return the CDK context of the local environment: its addresses differ with its port."""
    return {
        "env": "local",
        "aws_endpoint_url": instance.aws_endpoint_url,
        **{f"{each.name}_url": each.called_url(instance) for each in SIMULATORS},
    }


def _sources() -> tuple[str, ...]:
    """Return our sources; a test's own app depends on its command alone."""
    return () if os.environ.get("ECHOES_SYNTH_SOURCES") == "none" else _SOURCES


def inputs_digest(instance: Instance) -> str:
    """Return what changes whenever the assembly could."""
    digest = hashlib.sha256()
    digest.update(json.dumps([synth_command(), synth_context(instance)]).encode())
    for source in _sources():
        root = instance.project / source
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if not path.is_file() or _IGNORED & set(path.parts):
                continue
            digest.update(str(path.relative_to(instance.project)).encode())
            if source == "layers" and path.relative_to(root).parts[0] in _BUILT:
                facts = path.stat()
                digest.update(f"{facts.st_size} {facts.st_mtime_ns}".encode())
            else:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def synthesise(instance: Instance) -> bool:
    """
    Write the assembly when its inputs have changed; return whether that was so.

    The old assembly stays when the command fails, which raises `SynthFailed`.
    """
    digest = inputs_digest(instance)
    mark = instance.assembly / ".inputs"
    if mark.exists() and mark.read_text() == digest:
        return False
    fresh = instance.assembly.with_name("cdk.out.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(fresh),
        "CDK_CONTEXT_JSON": json.dumps(synth_context(instance)),
        "CDK_VALIDATION": "false",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }
    done = subprocess.run(
        synth_command(),
        cwd=instance.project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST_SYNTH_SECONDS,
        check=False,
    )
    if done.returncode != 0 or not (fresh / "manifest.json").exists():
        raise SynthFailed(_error_text(f"{done.stdout}\n{done.stderr}"))
    (fresh / ".inputs").write_text(digest)
    shutil.rmtree(instance.assembly, ignore_errors=True)
    Path(fresh).rename(instance.assembly)
    return True
