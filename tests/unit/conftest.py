import pytest

from tests.support.http_api import HttpApi


@pytest.fixture
def api() -> HttpApi:
    return HttpApi()
