"""Music lies beside the clips, and listening to it opens nothing else."""

import json

from tests.infra.templates import Synthesised


def test_whoever_lists_music_reads_nothing_but_music(anywhere: Synthesised) -> None:
    """The account function signs links below `music/`; clips and photos stay out of its reach."""
    resources = [
        json.dumps(statement["Resource"])
        for name, properties in anywhere.all_of("AWS::IAM::Policy")
        if name.startswith("AccountApiRole")
        for statement in properties["PolicyDocument"]["Statement"]
        if "s3:" in json.dumps(statement["Action"])
    ]
    assert len(resources) == 1
    assert "/music/*" in resources[0]
