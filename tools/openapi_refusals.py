"""The refusals of the API's description: which codes a route may return, and their examples."""

from http import HTTPStatus
from typing import Any, Final

from echoes.domain.error_catalogue import CATALOGUE, ErrorCode
from echoes.domain.errors import FilmNotPaid, InsufficientCredits
from echoes.domain.identifiers import ClipId, Credits, ProjectId
from echoes.http.billing.views import offer_pack
from echoes.http.catalogue.schemas import CreditProblem
from echoes.http.catalogue.schemas import Problem as ProblemSchema
from echoes.http.contract.operation import AN_ID, Operation
from echoes.http.problems import CONTENT_TYPE, STATUS, Problem, problem_of

REF: Final = "#/components/schemas/{model}"
SHOP: Final = "https://echoes.example/credits"
GATEWAY_STATUSES: Final = (
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
"""Same code as a 500: the service or the gateway got no response in time."""


def refused(operation: Operation) -> dict[HTTPStatus, list[ErrorCode]]:
    """Return the codes that a route may return, by status."""
    by_status: dict[HTTPStatus, list[ErrorCode]] = {}
    for code in operation.codes:
        by_status.setdefault(STATUS[code], []).append(code)
    by_status[HTTPStatus.BAD_REQUEST] = [ErrorCode.INVALID_REQUEST]
    for status in GATEWAY_STATUSES:
        by_status.setdefault(status, []).append(ErrorCode.INTERNAL_ERROR)
    return by_status


def refusal(status: HTTPStatus, codes: list[ErrorCode]) -> dict[str, Any]:
    """Return the response of one status, with its codes and an example."""
    model = CreditProblem if _sells(codes) else ProblemSchema
    names = ["X-Request-Id"]
    if status in {HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, *GATEWAY_STATUSES}:
        names.append("Retry-After")
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        names += ["RateLimit", "RateLimit-Policy"]
    return {
        "description": " · ".join(CATALOGUE[code].title for code in codes),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {
            CONTENT_TYPE: {
                "schema": {
                    "allOf": [
                        {"$ref": REF.format(model=model.__name__)},
                        {
                            "properties": {
                                "status": {"const": status.value},
                                "code": {"enum": [code.value for code in codes]},
                            }
                        },
                    ]
                },
                "example": _example(status, codes[0]),
            }
        },
    }


def _sells(codes: list[ErrorCode]) -> bool:
    return bool({ErrorCode.INSUFFICIENT_CREDITS, ErrorCode.PAYMENT_REQUIRED} & set(codes))


def _example(status: HTTPStatus, code: ErrorCode) -> dict[str, object]:
    if code is ErrorCode.INSUFFICIENT_CREDITS:
        refused = InsufficientCredits(required=Credits(1), available=Credits(0))
        problem = problem_of(refused, checkout_url=SHOP, offer=offer_pack)
    elif code is ErrorCode.PAYMENT_REQUIRED:
        unpaid = FilmNotPaid(
            clip_ids=[ClipId(AN_ID)],
            project_id=ProjectId(AN_ID),
            required=Credits(1),
            available=Credits(0),
        )
        problem = problem_of(unpaid, checkout_url=SHOP, offer=offer_pack)
    else:
        problem = Problem(status=status, code=code, detail=CATALOGUE[code].title)
    return problem.document("8f0c2a51-6a5e-4f0e-9a55-2b7f5a1d9c10")
