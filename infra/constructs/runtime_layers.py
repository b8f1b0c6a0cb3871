"""The layers functions carry: our code, the libraries, and the media libraries."""

from pathlib import Path

from aws_cdk import IgnoreMode, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.environments import LayerBuild, Platform


class LayersNotBuilt(Exception):
    """The dependency layers have to be built before the stacks can be synthesised."""


class RuntimeLayers(Construct):
    """
    `core`, `vendor` and `video`, from *folder*.

    `python -m tools.layers` builds them, with their byte code. Only locally `core` is taken from
    the source tree, and compiled where it runs.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, platform: Platform, folder: Path
    ) -> None:
        super().__init__(scope, construct_id)
        self._platform = platform
        core = "core" if platform.layers is LayerBuild.LOCAL else f"compiled/{platform.layers}"
        self.core = self._layer("Core", folder / core, "Our own package.")
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
            code=lambda_.Code.from_asset(
                str(folder),
                exclude=["**/__pycache__"] if folder.name == "core" else [".stamp"],
                ignore_mode=IgnoreMode.GLOB,
            ),
            description=description,
            compatible_architectures=[lambda_.Architecture.custom(self._platform.architecture)],
            compatible_runtimes=[lambda_.Runtime(self._platform.runtime)],
            removal_policy=RemovalPolicy.DESTROY,
        )
