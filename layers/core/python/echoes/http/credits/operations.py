"""An account's credits. What is described of each route."""

from http import HTTPStatus
from typing import Final

from echoes.http.contract.operation import (
    Audience,
    Operation,
    Success,
    Throttle,
)
from echoes.http.credits.schemas import Balance, Transactions

CREDITS: Final = (
    Operation(
        method="GET",
        path="/v1/credits",
        name="getCredits",
        summary="Get your credits: available, held and owed",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="account-api",
        answers=(Success(status=HTTPStatus.OK, description="The account", schema=Balance),),
    ),
    Operation(
        method="GET",
        path="/v1/credits/transactions",
        name="listTransactions",
        summary="List every change to your balance, newest first",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="account-api",
        paged=True,
        answers=(
            Success(status=HTTPStatus.OK, description="One page of changes", schema=Transactions),
        ),
    ),
)
