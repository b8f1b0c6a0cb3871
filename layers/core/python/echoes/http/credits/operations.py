"""The API's description of an account's credits."""

from http import HTTPStatus
from typing import Final

from echoes.http.contract.operation import Operation, Success
from echoes.http.credits.routes import CreditRoutes
from echoes.http.credits.schemas import Balance, Transactions

CREDITS: Final = (
    Operation(
        route=CreditRoutes.get_credits,
        summary="Get your credits: available, held and owed",
        responses=(Success(status=HTTPStatus.OK, description="The account", schema=Balance),),
    ),
    Operation(
        route=CreditRoutes.list_transactions,
        summary="List every change to your balance, newest first",
        paged=True,
        responses=(
            Success(status=HTTPStatus.OK, description="One page of changes", schema=Transactions),
        ),
    ),
)
