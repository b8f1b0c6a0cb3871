"""
The authorizer: the gateway asks it who is calling before it calls a function.

The answer is a policy for the whole stage, because the gateway keeps it for a while and uses it
for other routes too. The routes decide what a caller may do.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from echoes.domain.errors import Unauthorized
from echoes.observability import logger

SCHEME: Final = "bearer "
GATEWAY_SAYS_401: Final = "Unauthorized"
"""The one message of an exception that API Gateway turns into a 401."""


class Verified(Protocol):
    """The identity in a token."""

    @property
    def subject(self) -> str:
        """The owner of what they make."""
        ...

    @property
    def kind(self) -> str:
        """``user`` or ``guest``."""
        ...

    @property
    def groups(self) -> Sequence[str]:
        """The groups they belong to."""
        ...


class TokenRefused(Exception):
    """The exception that the gateway turns into a 401."""


def authorize(event: Mapping[str, Any], *, verify: Callable[[str], Verified]) -> dict[str, Any]:
    """
    Answer a TOKEN authorizer's event.

    Raises:
        TokenRefused: The gateway answers 401.
        Unavailable: The keys could not be fetched; the gateway answers 500.
    """
    try:
        caller = verify(_token(event))
    except Unauthorized as refusal:
        logger.info("token refused", extra={"reason": str(refusal)})
        raise TokenRefused(GATEWAY_SAYS_401) from None
    return {
        "principalId": caller.subject,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": _whole_stage(event["methodArn"]),
                }
            ],
        },
        "context": {
            "subject": caller.subject,
            "kind": caller.kind,
            "groups": ",".join(caller.groups),
        },
    }


def _token(event: Mapping[str, Any]) -> str:
    header = event.get("authorizationToken") or ""
    if not header.lower().startswith(SCHEME):
        raise Unauthorized("no bearer token")
    token: str = header[len(SCHEME) :].strip()
    return token


def _whole_stage(method_arn: str) -> str:
    """Return the ARN of every method: ``arn:…:api/stage/GET/v1/config`` → ``arn:…:api/stage/*``."""
    api, stage, *_ = method_arn.split("/")
    return f"{api}/{stage}/*"
