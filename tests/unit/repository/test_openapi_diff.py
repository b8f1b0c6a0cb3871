"""A change of the API's promises is told from a change of its texts."""

import pytest

from tools.openapi_diff import Json, differences

BEFORE: Json = {
    "paths": {"/v1/clips": {"get": {"summary": "old", "responses": {"200": {"$ref": "#/a"}}}}},
    "components": {
        "schemas": {"Track": {"description": "old", "properties": {"title": {"type": "string"}}}}
    },
}


def test_texts_may_change() -> None:
    """Summaries and descriptions promise nothing."""
    after: Json = {
        "paths": {"/v1/clips": {"get": {"summary": "new", "responses": {"200": {"$ref": "#/a"}}}}},
        "components": {
            "schemas": {"Track": {"properties": {"title": {"type": "string", "title": "T"}}}}
        },
    }
    assert not list(differences(BEFORE, after))


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ({"paths": {}, "components": {"schemas": {}}}, {"/paths/~1v1~1clips: removed"}),
        (
            {
                "paths": {"/v1/clips": {"get": {"responses": {"202": {"$ref": "#/a"}}}}},
                "components": {"schemas": {"Track": {"properties": {}}}},
            },
            {
                "/paths/~1v1~1clips/get/responses/200: removed",
                "/paths/~1v1~1clips/get/responses/202: added",
                "/components/schemas/Track/properties/title: removed",
            },
        ),
    ],
)
def test_promises_may_not(after: Json, found: set[str]) -> None:
    """A path, a status, or a property that happens to be called like a text."""
    assert found <= set(differences(BEFORE, after))
