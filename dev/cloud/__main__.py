"""`python -m dev.cloud up|down|status|reset|logs`: the local cloud from one command."""

import argparse
import sys

from dev.cloud.assembly import SynthFailed
from dev.cloud.commands import CloudFailed, down, logs, reset, status, up
from dev.cloud.deploy import DeployFailed
from dev.cloud.instance import instance_from


def main() -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dev.cloud", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status", "reset", "logs"])
    command = parser.parse_args().command
    instance = instance_from()
    try:
        match command:
            case "up":
                up(instance)
            case "down":
                down(instance)
            case "reset":
                reset(instance)
            case "logs":
                logs(instance)
            case _:
                return 0 if status(instance) else 1
    except (CloudFailed, DeployFailed, SynthFailed) as failed:
        print(f"error: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
