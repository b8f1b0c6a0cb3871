"""A vendor that does not respond: what people see, and which vendor the error blames."""

import pytest

from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import ProviderBusy, ResultGone, SubmissionUnknown, Unavailable
from echoes.http.billing.views import offer_pack
from echoes.http.problems import problem_of

OF_THE_PROVIDER = (ProviderBusy, SubmissionUnknown, ResultGone)


@pytest.mark.parametrize("error", [Unavailable, *OF_THE_PROVIDER])
def test_people_see_the_same_whichever_vendor_failed(error: type[Unavailable]) -> None:
    """503 without details, and when to retry."""
    problem = problem_of(error("the table is throttled"), checkout_url="", offer=offer_pack)
    assert (problem.status, problem.code) == (503, ErrorCode.INTERNAL_ERROR)
    assert problem.headers["Retry-After"] == "5"
    assert "table" not in problem.detail


def test_only_errors_of_the_provider_blame_the_provider() -> None:
    """A table that does not respond is not a video provider that is busy."""
    classes: list[type[Unavailable]] = [Unavailable, *Unavailable.__subclasses__()]
    assert Unavailable.code is ErrorCode.INTERNAL_ERROR
    blaming = {e for e in classes if e.code is ErrorCode.PROVIDER_UNAVAILABLE}
    assert blaming == set(OF_THE_PROVIDER)
