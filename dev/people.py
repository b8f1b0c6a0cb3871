"""People for the demo and the tests: they sign up and in through Cognito, as in production."""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import boto3
from pycognito import AWSSRP

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from dev.cloud.endpoints import Endpoints

ADMIN_GROUP: Final = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person who is signed in."""

    email: str
    subject: str
    access_token: str


def sign_up(endpoints: "Endpoints", *, admin: bool = False) -> Person:
    """
    Sign a new person up and in (SRP: the password never leaves this machine).

    The address is confirmed from the operator's side, because no mail leaves the local cloud.
    """
    cognito = _client(endpoints)
    email = f"{secrets.token_hex(6)}@example.com"
    password = f"Aa1!{secrets.token_urlsafe(18)}"
    answer = cognito.sign_up(
        ClientId=endpoints.user_pool_client_id,
        Username=email,
        Password=password,
        UserAttributes=[{"Name": "email", "Value": email}],
    )
    cognito.admin_confirm_sign_up(UserPoolId=endpoints.user_pool_id, Username=email)
    if admin:
        cognito.admin_add_user_to_group(
            UserPoolId=endpoints.user_pool_id, Username=email, GroupName=ADMIN_GROUP
        )
    tokens = AWSSRP(
        username=email,
        password=password,
        pool_id=endpoints.user_pool_id,
        client_id=endpoints.user_pool_client_id,
        client=cognito,
    ).authenticate_user()
    return Person(
        email=email,
        subject=answer["UserSub"],
        access_token=tokens["AuthenticationResult"]["AccessToken"],
    )


def _client(endpoints: "Endpoints") -> "CognitoIdentityProviderClient":
    return boto3.client(
        "cognito-idp",
        endpoint_url=endpoints.aws_endpoint_url,
        region_name=endpoints.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the local cloud's fixed root key
    )
