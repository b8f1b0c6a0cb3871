"""
Request bodies: from JSON to models, and from what pydantic finds wrong to field errors.

Routes import their models when a body arrives, not at the top: pydantic and the models cost
thirteen times what starting Python does, and most requests have no body. Where a snapshot is
taken, `bootstrap.runtime.import_for_snapshot` brings them in before.
"""

import json
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from echoes.http.contract.schema import Schema
from echoes.http.rejections import FieldError, UnacceptableFields, UnreadableRequest
from echoes.http.request import Request

MAX_FIELD_PATH: Final = 200
MAX_ERRORS: Final = 20
"""Enough to show what is wrong; a nonsensical body could have thousands."""

Model = TypeVar("Model", bound="Schema")


def read_body(request: Request, model: type[Model]) -> Model:
    """
    Return the body of *request* as *model*.

    Raises:
        UnreadableRequest: The body is not JSON.
        RequestTooLarge: It is larger than any body needs to be.
        UnacceptableFields: It is JSON, but not what *model* takes; nothing of it is quoted.
    """
    from pydantic import ValidationError

    content = request.body()
    try:
        return model.model_validate_json(json.dumps(content))
    except ValidationError as invalid:
        errors = [
            FieldError(
                field=".".join(str(step) for step in error["loc"])[:MAX_FIELD_PATH],
                code=error["type"],
                message=error["msg"],
            )
            for error in invalid.errors(
                include_url=False, include_context=False, include_input=False
            )
        ]
    if any(error.code == "json_invalid" for error in errors):
        raise UnreadableRequest("the body must be JSON")
    raise UnacceptableFields(errors[:MAX_ERRORS])
