"""Findings of cdk-nag that are as they should be, each with its reason."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

XRAY: Final = {
    "AwsSolutions-IAM5[Resource::*]": "X-Ray has no resources to name: its two actions take only *."
}


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept the findings named by the keys of *reasons*, on *construct* and what is inside."""
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=finding, reason=reason) for finding, reason in reasons.items())
    )
