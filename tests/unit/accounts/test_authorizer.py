"""What the authorizer returns about the bearer of a token."""

from dataclasses import dataclass
from typing import Any

import pytest

from echoes.domain.errors import Unauthorized, Unavailable
from echoes.http.authorization import TokenRefused, authorize
from echoes.http.identity import caller_of

ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc123/live/GET/v1/clips/x"


@dataclass(frozen=True)
class Somebody:
    subject: str = "5d0c3c9e"
    kind: str = "user"
    groups: tuple[str, ...] = ("admin", "family")


def event(header: object) -> dict[str, Any]:
    return {"type": "TOKEN", "authorizationToken": header, "methodArn": ARN}


def test_the_policy_is_for_the_whole_stage() -> None:
    """The gateway keeps the policy and uses it for other routes, so it must fit them all."""
    answer = authorize(event("Bearer good"), verify=lambda _: Somebody())
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Resource"] == ARN.split("/", 1)[0] + "/live/*"


def test_functions_read_back_what_the_authorizer_wrote() -> None:
    """Subject, kind and groups survive the way through the gateway, which knows only text."""
    context = authorize(event("bearer good"), verify=lambda _: Somebody())["context"]
    assert all(isinstance(value, str) for value in context.values())
    caller = caller_of(context)
    assert caller is not None
    assert (caller.subject, caller.kind, caller.is_admin) == ("5d0c3c9e", "user", True)


@pytest.mark.parametrize("header", ["", None, "good", "Basic good", "Bearer", "Bearer "])
def test_what_is_no_bearer_token_is_401(header: object) -> None:
    """API Gateway turns exactly one message into a 401."""

    def verify(token: str) -> Somebody:
        raise Unauthorized(f"no token: {token}")

    with pytest.raises(TokenRefused, match=r"^Unauthorized$"):
        authorize(event(header), verify=verify)


def test_keys_that_cannot_be_had_are_no_reason_to_sign_in_again() -> None:
    """Unavailable is not 401: the gateway answers 500, and the client tries again."""

    def verify(_token: str) -> Somebody:
        raise Unavailable("no keys")

    with pytest.raises(Unavailable):
        authorize(event("Bearer good"), verify=verify)


@pytest.mark.parametrize(
    "context",
    [None, {}, {"subject": "", "kind": "user"}, {"subject": "x", "kind": "root"}, {"kind": "user"}],
)
def test_half_an_identity_is_none(context: dict[str, object] | None) -> None:
    """A function never guesses who is calling."""
    assert caller_of(context) is None
