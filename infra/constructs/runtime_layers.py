"""The layers functions carry: our code, the libraries, and the media libraries."""

from pathlib import Path

from aws_cdk import IgnoreMode, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.environments import Platform


class LayersNotBuilt(Exception):
    """The dependency layers have to be built before the stacks can be synthesised."""


class RuntimeLayers(Construct):
    """
    `core`, `vendor` and `video`, from *folder*.

    Only `core` has a layer's shape in the source tree; `python -m tools.layers` builds the others.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, platform: Platform, folder: Path
    ) -> None:
        super().__init__(scope, construct_id)
        self._platform = platform
        self.core = self._layer("Core", folder / "core", "Our own package.")
        self.vendor = self._layer("Vendor", folder / "vendor" / platform.layers, "Libraries.")
        self.video = self._layer("Video", folder / "video" / platform.layers, "Media libraries.")

    def _layer(self, construct_id: str, folder: Path, description: str) -> lambda_.LayerVersion:
        if not (folder / "python").is_dir():
            raise LayersNotBuilt(
                f"{folder} is missing: run "
                f"`python -m tools.layers --target {self._platform.layers}`"
            )
        return lambda_.LayerVersion(
            self,
            construct_id,
            # Our code is compiled where it runs; the built layers contain their byte code.
            code=lambda_.Code.from_asset(
                str(folder),
                exclude=["**/__pycache__", ".stamp"] if construct_id == "Core" else [".stamp"],
                ignore_mode=IgnoreMode.GLOB,
            ),
            description=description,
            compatible_architectures=[lambda_.Architecture.custom(self._platform.architecture)],
            compatible_runtimes=[lambda_.Runtime(self._platform.runtime)],
            removal_policy=RemovalPolicy.DESTROY,
        )
