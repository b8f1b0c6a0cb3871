"""The cloud that `make up` starts on one machine, for development and for tests."""

import platform
import sys
from typing import Final

from infra.environments.model import Environment, LayerBuild, Platform
from infra.providers import PROVIDERS

LOCAL_CLOUD: Final = Platform(
    runtime=f"python3.{sys.version_info.minor}",
    architecture="arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
    layers=LayerBuild.LOCAL,
    snap_start=False,
    reserved_concurrency=False,
    web_acl=False,
    threat_protection=False,
    metric_math=False,
    saved_queries=False,
    endpoint_url="http://127.0.0.1:4566",
)

LOCAL: Final = Environment(
    name="local",
    platform=LOCAL_CLOUD,
    keeps_data=False,
    allowed_origins=("*",),
    provider_variables={
        variable: value
        for provider in PROVIDERS
        for variable, value in provider.local_variables.items()
    },
    stripe_url="http://127.0.0.1:4568",
    # The simulator renders in seconds what Runway renders in a minute.
    poll_scale=0.1,
    reconcile_after_seconds=5,
)
