"""Operators correct accounts."""

from http import HTTPStatus

from echoes.application.grant_credits import GrantCredits
from echoes.domain.identifiers import Credits, OwnerId
from echoes.http.application import Route
from echoes.http.bodies import read_body
from echoes.http.exchange import Answer, Request
from echoes.http.idempotency import Wishes
from echoes.http.identity import require_admin
from echoes.http.schemas import Adjustment
from echoes.http.transactions import transaction_body


def adjustment_routes(*, grant_credits: GrantCredits, wishes: Wishes) -> list[Route]:
    """Return the routes under ``/admin/v1/credits``."""

    def adjust(request: Request) -> Answer:
        admin = require_admin(request.caller)
        wanted = read_body(request, Adjustment)
        kept = wishes.once(
            request,
            payload=wanted.model_dump(mode="json", exclude_unset=True),
            act=lambda: transaction_body(
                grant_credits(
                    OwnerId(wanted.user_id),
                    amount=Credits(wanted.amount),
                    # One ticket corrects one account once, whoever asks how often.
                    reference=f"{wanted.user_id}/{wanted.ticket}",
                    actor=admin.subject,
                    reason=wanted.reason,
                )
            ),
        )
        return Answer(status=HTTPStatus.CREATED, body=kept.record, headers=kept.headers)

    return [Route(method="POST", pattern="/admin/v1/credits/adjustments", endpoint=adjust)]
