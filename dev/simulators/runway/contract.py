"""
The request contract of Runway's developer API, read from `contract.json`.

The JSON is the only place that names models, fields, ranges and prices; this module gives it
types. Nothing here talks to a network.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from dev.simulators.core.response import JsonObject

_SOURCE: Final = Path(__file__).with_name("contract.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """What one model demands of a photo; ratios are width divided by height, sides are pixels."""

    min_ratio: float | None
    max_ratio: float | None
    min_side: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Credits a model charges. One credit is one US cent."""

    per_second: float
    per_second_with_audio: float | None
    per_second_by_height: Mapping[int, float]
    surcharge_by_output_format: Mapping[str, float]
    minimum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One variant of the `image_to_video` request."""

    name: str
    schema: JsonObject
    price: Price
    image: ImageLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class UriScheme:
    """A way to pass an image, and how many characters it may take."""

    prefix: str
    min_length: int
    max_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """What an ephemeral upload may be."""

    min_bytes: int
    max_bytes: int
    ttl_seconds: int
    extensions: frozenset[str]
    schema: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Everything the simulator demands of a request."""

    version: str
    doc_url: str
    api_key_pattern: str
    models: Mapping[str, Model]
    definitions: Mapping[str, JsonObject]
    image_schemes: tuple[UriScheme, ...]
    image_content_types: Mapping[str, str]
    max_image_side: int
    max_image_bytes_by_url: int
    upload: UploadLimits
    usage_schema: JsonObject
    usage_max_days: int


@cache
def load_contract() -> Contract:
    """Return the contract; the file is read once a process."""
    raw = json.loads(_SOURCE.read_text(encoding="utf-8"))
    image, upload, usage = raw["image"], raw["upload"], raw["usage"]
    return Contract(
        version=raw["version"],
        doc_url=raw["docUrl"],
        api_key_pattern=raw["apiKeyPattern"],
        models={name: _model(name, entry) for name, entry in raw["models"].items()},
        definitions=raw["definitions"],
        image_schemes=tuple(
            UriScheme(
                prefix=scheme["prefix"],
                min_length=scheme["minLength"],
                max_length=scheme["maxLength"],
            )
            for scheme in image["schemes"]
        ),
        image_content_types=image["contentTypes"],
        max_image_side=image["maxSidePx"],
        max_image_bytes_by_url=image["maxUrlBytes"],
        upload=UploadLimits(
            min_bytes=upload["minBytes"],
            max_bytes=upload["maxBytes"],
            ttl_seconds=upload["ttlSeconds"],
            extensions=frozenset(upload["extensions"]),
            schema=upload["request"],
        ),
        usage_schema=usage["request"],
        usage_max_days=usage["maxDays"],
    )


def _model(name: str, entry: dict[str, Any]) -> Model:
    price, image = entry["price"], entry["image"]
    return Model(
        name=name,
        schema={
            "type": "object",
            "properties": entry["properties"],
            "required": entry["required"],
            "unknownKeys": entry["unknownKeys"],
        },
        price=Price(
            per_second=price["perSecond"],
            per_second_with_audio=price.get("perSecondWithAudio"),
            per_second_by_height={
                int(height): rate for height, rate in price.get("perSecondByHeight", {}).items()
            },
            surcharge_by_output_format=price.get("surchargeByOutputFormat", {}),
            minimum=price.get("minimum", 0),
        ),
        image=ImageLimits(
            min_ratio=image.get("minRatio"),
            max_ratio=image.get("maxRatio"),
            min_side=image.get("minSide", 1),
        ),
    )


def credits_for(
    model: Model, *, seconds: int, height: int, audio: bool, output_format: str | None
) -> int:
    """
    Quote a generation in whole credits, rounded up.

    `height` is the shorter side of the picture in pixels, by which some models price.
    """
    price = model.price
    rate = price.per_second
    if audio and price.per_second_with_audio is not None:
        rate = price.per_second_with_audio
    reached = [step for step in price.per_second_by_height if height >= step]
    if reached:
        rate = price.per_second_by_height[max(reached)]
    rate += price.surcharge_by_output_format.get(output_format or "", 0)
    return int(-(-max(price.minimum, rate * seconds) // 1))
