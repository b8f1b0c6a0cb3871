"""
The base of request and response models, and the types that their fields share.

Requests are parsed with the models. Responses are rendered by hand, because the busiest function
runs without pydantic; tests check every response against its model.
"""

from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from echoes.http.times import RFC_3339, read_local_time, read_time


class Schema(BaseModel):
    """Base model: no silent conversion, no unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{24}$")]
Time = Annotated[
    AwareDatetime,
    BeforeValidator(read_time),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": RFC_3339}),
]
LocalTime = Annotated[
    AwareDatetime,
    BeforeValidator(read_local_time),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": RFC_3339}),
]
Url = Annotated[str, StringConstraints(min_length=1), Field(json_schema_extra={"format": "uri"})]
Whole = Annotated[int, Field(ge=0)]
