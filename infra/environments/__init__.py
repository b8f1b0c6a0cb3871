"""
The environments Echoes runs in, one a file.

`dev` and `prod` are AWS. `local` is the cloud that `make up` starts on one machine: everything in
which it differs because that cloud cannot follow AWS is a field of `Platform`, with its reason.
"""

from typing import Final

from infra.environments.dev import DEV
from infra.environments.local import LOCAL
from infra.environments.model import Environment, LayerBuild, Platform
from infra.environments.prod import PROD

__all__ = ["DEV", "ENVIRONMENTS", "LOCAL", "PROD", "Environment", "LayerBuild", "Platform"]

ENVIRONMENTS: Final = {each.name: each for each in (LOCAL, DEV, PROD)}
