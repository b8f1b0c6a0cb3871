import pytest

from tests.support.http_api import Studio


@pytest.fixture
def studio() -> Studio:
    return Studio()
