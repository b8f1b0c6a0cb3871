"""
Deploy a synthesised `cdk.out` to the local cloud, with boto3 alone: no node, no bootstrap.

Each stack waits for those it depends on. A stack whose template and assets are the ones deployed
last is skipped. Assets are zipped deterministically, so their key is their content's hash.
"""

import hashlib
import json
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# The version CDK's templates ask for in SSM, and the account of the emulator.
BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
BOOTSTRAP_VERSION = "30"
ACCOUNT = "000000000000"
# One stack takes 2 s here; anything near this bound hangs.
LONGEST_DEPLOY_SECONDS = 240.0
LOOK_SECONDS = 0.25
_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_HASH_TAG = "echoes:hash"


class DeployFailed(Exception):
    """A stack did not reach its end; the message holds the events that say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file or folder to put into the bootstrap bucket under a key made from its content."""

    source: Path
    zipped: bool
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One stack of an assembly, ready to deploy."""

    name: str
    template: Path
    assets: tuple[Asset, ...]
    parameters: Mapping[str, str]
    tags: Mapping[str, str]

    def digest(self) -> str:
        """Return what changes when the stack must be deployed again."""
        content = hashlib.sha256(self.template.read_bytes())
        content.update(json.dumps([asset.key for asset in self.assets]).encode())
        content.update(json.dumps([dict(self.parameters), dict(self.tags)]).encode())
        return content.hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """The outcome of one stack."""

    name: str
    outputs: Mapping[str, str]
    changed: bool
    seconds: float


def read_assembly(directory: Path) -> list[Stack]:
    """Return the stacks of a `cdk.out`, each after all it depends on."""
    manifest = json.loads((directory / "manifest.json").read_text())["artifacts"]
    stacks = {
        key: artifact
        for key, artifact in manifest.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    ordered: list[str] = []

    def visit(key: str) -> None:
        if key in ordered:
            return
        for dependency in stacks[key].get("dependencies", []):
            if dependency in stacks:
                visit(dependency)
        ordered.append(key)

    for key in stacks:
        visit(key)
    return [_stack(directory, key, stacks[key]) for key in ordered]


def _stack(directory: Path, key: str, artifact: dict[str, Any]) -> Stack:
    properties = artifact["properties"]
    manifest = directory / f"{key}.assets.json"
    files = json.loads(manifest.read_text()).get("files", {}) if manifest.exists() else {}
    assets = []
    for file in files.values():
        if file["source"]["path"] == properties["templateFile"]:
            continue
        destination = next(iter(file["destinations"].values()))
        assets.append(
            Asset(
                source=directory / file["source"]["path"],
                zipped=file["source"].get("packaging") == "zip",
                key=destination["objectKey"],
            )
        )
    return Stack(
        name=properties.get("stackName", key),
        template=directory / properties["templateFile"],
        assets=tuple(sorted(assets, key=lambda asset: asset.key)),
        parameters=properties.get("parameters", {}),
        tags=properties.get("tags", {}),
    )


def zipped(folder: Path) -> bytes:
    """
    Return a folder as a zip archive that depends on its files alone, not on their times.

    Not compressed: it travels over loopback, and 120 MB of libraries take 10 s to compress.
    """
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_dir() or "__pycache__" in path.parts:
                continue
            entry = zipfile.ZipInfo(str(path.relative_to(folder)), (1980, 1, 1, 0, 0, 0))
            executable = path.stat().st_mode & 0o111
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


class Deployer:
    """Deploys assemblies to one endpoint. Every call may be repeated."""

    def __init__(
        self,
        *,
        endpoint: str,
        region: str = "us-east-1",
        report: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """`report` receives a line for each step done, with its seconds."""
        session = boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106  # the emulator's fixed pair
            region_name=region,
        )
        config = Config(retries={"max_attempts": 2}, read_timeout=LONGEST_DEPLOY_SECONDS)
        self._cloudformation = session.client(
            "cloudformation", endpoint_url=endpoint, config=config
        )
        self._s3 = session.client("s3", endpoint_url=endpoint, config=config)
        self._ssm = session.client("ssm", endpoint_url=endpoint, config=config)
        self._bucket = f"cdk-hnb659fds-assets-{ACCOUNT}-{region}"
        self._report = report
        self._endpoint = endpoint

    def deploy(self, directory: Path) -> dict[str, Deployed]:
        """
        Bring every stack of a `cdk.out` up to date; return the outcome of each, by name.

        Raises `DeployFailed`; the stacks before the failed one stay deployed.
        """
        self._bootstrap()
        done = {}
        for stack in read_assembly(directory):
            done[stack.name] = self._deploy_stack(stack)
        if any(stack.changed for stack in done.values()):
            self._forget_uploads()
        return done

    def _forget_uploads(self) -> None:
        """Empty the bootstrap bucket: functions and layers have their content by now."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        for page in pages:
            for uploaded in page.get("Contents", []):
                self._s3.delete_object(Bucket=self._bucket, Key=uploaded["Key"])

    def _bootstrap(self) -> None:
        try:
            self._s3.head_bucket(Bucket=self._bucket)
        except ClientError:
            self._s3.create_bucket(Bucket=self._bucket)
        self._ssm.put_parameter(
            Name=BOOTSTRAP_PARAMETER, Value=BOOTSTRAP_VERSION, Type="String", Overwrite=True
        )

    def _deploy_stack(self, stack: Stack) -> Deployed:
        started = time.monotonic()
        present = self._describe(stack.name)
        if present and present["StackStatus"] in _DONE and _hash_of(present) == stack.digest():
            seconds = time.monotonic() - started
            self._report(f"{stack.name}: unchanged ({seconds:.1f} s)")
            return Deployed(
                name=stack.name, outputs=_outputs(present), changed=False, seconds=seconds
            )
        if present and present["StackStatus"] not in _DONE | {"UPDATE_ROLLBACK_COMPLETE"}:
            self._delete(stack.name)
            present = None
        for asset in stack.assets:
            self._upload(asset)
        described = self._apply(stack, exists=present is not None)
        seconds = time.monotonic() - started
        self._report(
            f"{stack.name}: {'updated' if present else 'created'}, "
            f"{len(stack.assets)} assets ({seconds:.1f} s)"
        )
        return Deployed(name=stack.name, outputs=_outputs(described), changed=True, seconds=seconds)

    def _upload(self, asset: Asset) -> None:
        try:
            self._s3.head_object(Bucket=self._bucket, Key=asset.key)
        except ClientError:
            content = zipped(asset.source) if asset.zipped else asset.source.read_bytes()
            self._s3.put_object(Bucket=self._bucket, Key=asset.key, Body=content)

    def _apply(self, stack: Stack, *, exists: bool) -> dict[str, Any]:
        key = f"{stack.digest()}.json"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=stack.template.read_bytes())
        started = time.time()
        tags = [*stack.tags.items(), (_HASH_TAG, stack.digest())]
        call = self._cloudformation.update_stack if exists else self._cloudformation.create_stack
        try:
            call(
                StackName=stack.name,
                TemplateURL=f"{self._endpoint}/{self._bucket}/{key}",
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
                Parameters=[
                    {"ParameterKey": name, "ParameterValue": value}
                    for name, value in stack.parameters.items()
                ],
                Tags=[{"Key": name, "Value": value} for name, value in tags],
            )
        except ClientError as refused:
            if "No updates are to be performed" not in str(refused):
                raise DeployFailed(f"{stack.name}: {refused}") from refused
        return self._wait(stack.name, started)

    def _wait(self, name: str, started: float) -> dict[str, Any]:
        deadline = time.monotonic() + LONGEST_DEPLOY_SECONDS
        while time.monotonic() < deadline:
            described = self._describe(name)
            if described is None:
                break
            status = described["StackStatus"]
            if status in _DONE:
                return described
            if not status.endswith("_IN_PROGRESS"):
                break
            time.sleep(LOOK_SECONDS)
        why = "\n".join(f"  {line}" for line in self._failures(name, started))
        raise DeployFailed(f"{name} did not deploy:\n{why or '  no event says why'}")

    def _failures(self, name: str, started: float) -> Iterator[str]:
        try:
            events = self._cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        except ClientError as gone:
            yield str(gone)
            return
        for event in reversed(events):
            recent = event["Timestamp"].timestamp() >= started - 1
            if recent and "FAILED" in event["ResourceStatus"]:
                yield (
                    f"{event['LogicalResourceId']} ({event.get('ResourceType', '')}): "
                    f"{event.get('ResourceStatusReason', event['ResourceStatus'])}"
                )

    def _delete(self, name: str) -> None:
        self._cloudformation.delete_stack(StackName=name)
        deadline = time.monotonic() + LONGEST_DEPLOY_SECONDS
        while time.monotonic() < deadline:
            if self._describe(name) is None:
                return
            time.sleep(LOOK_SECONDS)
        raise DeployFailed(f"{name}: a failed stack could not be deleted")

    def _describe(self, name: str) -> dict[str, Any] | None:
        try:
            found = self._cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as missing:
            if "does not exist" in str(missing):
                return None
            raise
        live = [stack for stack in found if stack["StackStatus"] != "DELETE_COMPLETE"]
        return dict(live[0]) if live else None


def _hash_of(described: dict[str, Any]) -> str | None:
    tags = {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}
    return tags.get(_HASH_TAG)


def _outputs(described: dict[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def main(arguments: list[str]) -> None:
    """Deploy the assembly named first to the endpoint named second, and print the outputs."""
    deployer = Deployer(endpoint=arguments[1], report=print)
    done = deployer.deploy(Path(arguments[0]))
    print(json.dumps({name: dict(stack.outputs) for name, stack in done.items()}, indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
