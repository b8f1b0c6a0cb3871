import pytest

from tests.http_api import Studio


@pytest.fixture
def studio() -> Studio:
    return Studio()
