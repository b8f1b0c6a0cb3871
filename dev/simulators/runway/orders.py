"""From a JSON body to an order: validation, the photo, the price, and the script of the task."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, cast

from dev.simulators.core.response import JsonObject
from dev.simulators.runway.contract import Contract, Model, credits_for
from dev.simulators.runway.faults import FAILURES, Call, Fault, find
from dev.simulators.runway.media.images import (
    AssetRefused,
    Photo,
    decode_data_uri,
    frame_size,
    open_photo,
    refuse_by_shape,
)
from dev.simulators.runway.tasks import Ending, Order, Script
from dev.simulators.runway.validation import Issue, Path, check_request, custom

DEFAULT_DURATION_SECONDS: Final = 5
ASSET_HOST: Final = "https://assets.runway.simulated/"
"""URLs under this prefix name files that were put into the simulator; nothing else is fetched."""

_SLOW_FACTOR: Final = 10.0
_HELD_SECONDS: Final = 120.0
_HIDDEN_SECONDS: Final = 20.0
_QUEUE_SECONDS: Final = (1.0, 5.0)


class Assets(Protocol):
    """Where images that are not in the request itself come from."""

    def uploaded(self, uri: str) -> tuple[bytes, str] | None:
        """Return bytes and content type of a `runway://` URI, or None."""
        ...

    def published(self, url: str) -> tuple[bytes, str] | None:
        """Return bytes and content type of a URL under `ASSET_HOST`, or None."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedOrder:
    """A request that may become a task."""

    order: Order
    photo: Photo
    credits: int


class BodyRefused(Exception):
    """The body is not valid; `issues` lists everything that is wrong with it."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__("Validation of body failed")
        self.issues = tuple(issues)


def read_order(body: object, *, contract: Contract, assets: Assets) -> PricedOrder:
    """Return what was ordered, or raise `BodyRefused` with all the issues at once."""
    issues = check_request(body, contract)
    name = body.get("model") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(name, str) or name not in contract.models:
        raise BodyRefused(issues)
    model = contract.models[name]
    photo: Photo | None = None
    if not any(issue.path[:1] == ("promptImage",) for issue in issues):
        image_issues, photo = _open_images(body["promptImage"], model, contract, assets)
        issues += image_issues
    if issues or photo is None:
        raise BodyRefused(issues)
    return _priced_order(body, model, photo)


def _priced_order(body: JsonObject, model: Model, photo: Photo) -> PricedOrder:
    ratio = cast("str | None", body.get("ratio"))
    width, height = frame_size(ratio, cast("str | None", body.get("resolution")), photo)
    duration = body.get("duration")
    seconds = int(duration) if isinstance(duration, int | float) else DEFAULT_DURATION_SECONDS
    seed = body.get("seed")
    price = credits_for(
        model,
        seconds=seconds,
        height=min(width, height),
        audio=body.get("audio", True) is True,  # assumed: models that can speak, do unless told
        output_format=cast("str | None", body.get("outputFormat")),
    )
    order = Order(
        model=model.name,
        prompt=cast("str", body.get("promptText", "")),
        ratio=ratio,
        width=width,
        height=height,
        duration_seconds=seconds,
        seed=int(seed) if isinstance(seed, int | float) else None,
        photo_sha256=hashlib.sha256(photo.data).hexdigest(),
    )
    return PricedOrder(order=order, photo=photo, credits=price)


def _open_images(
    value: object, model: Model, contract: Contract, assets: Assets
) -> tuple[list[Issue], Photo | None]:
    """Open every image of a request; the first frame is what becomes a film."""
    root: Path = ("promptImage",)
    if isinstance(value, str):
        return _open_one(value, root, model, contract, assets)
    issues: list[Issue] = []
    first: Photo | None = None
    items = cast("list[dict[str, str]]", value)
    positions = [item["position"] for item in items if "position" in item]
    if len(set(positions)) < len(positions):
        issues.append(custom(root, "Each position may be used only once."))
    if "last" in positions and "first" not in positions:
        issues.append(custom(root, 'A "last" image needs a "first" image.'))
    for index, item in enumerate(items):
        found, photo = _open_one(item["uri"], (*root, index, "uri"), model, contract, assets)
        issues += found
        if first is None or item.get("position") == "first":
            first = photo or first
    return issues, first


def _open_one(
    uri: str, path: Path, model: Model, contract: Contract, assets: Assets
) -> tuple[list[Issue], Photo | None]:
    try:
        photo = _resolve(uri, contract, assets)
        refuse_by_shape(photo, model.image)
    except AssetRefused as refusal:
        return [custom(path, str(refusal))], None
    return [], photo


def _resolve(uri: str, contract: Contract, assets: Assets) -> Photo:
    if uri.startswith("data:"):
        return decode_data_uri(uri, contract)
    if uri.startswith("runway://"):
        found = assets.uploaded(uri)
        if found is None:
            raise AssetRefused("Invalid upload URI. The upload does not exist or has expired.")
    else:
        host = uri.removeprefix("https://").split("/")[0].rpartition("@")[2].split(":")[0]
        if host.startswith("[") or host.replace(".", "").isdigit() or "." not in host:
            raise AssetRefused("URLs must be hosted on a domain.")
        if not uri.startswith(ASSET_HOST):
            raise AssetRefused("Failed to fetch asset. The host could not be reached.")
        found = assets.published(uri)
        if found is None:
            raise AssetRefused('Failed to fetch asset. Received HTTP response code "404".')
        if len(found[0]) > contract.max_image_bytes_by_url:
            raise AssetRefused("Failed to fetch asset. The asset is too large.")
    data, content_type = found
    return open_photo(data, content_type=content_type, contract=contract)


def write_script(
    calls: Sequence[Call],
    *,
    median_seconds: float,
    spread: float,
    pace: float,
    rng: random.Random,
) -> Script:
    """
    Decide the course of a task: log-normal around the median, bent by the faults called.

    `pace` stretches every duration: provider seconds per second of the speed asked for.
    """
    run_seconds = median_seconds * rng.lognormvariate(0, spread) if spread else median_seconds
    queue_seconds = rng.uniform(*_QUEUE_SECONDS)
    slow = find(calls, Fault.SLOW)
    if slow:
        run_seconds *= slow.argument or _SLOW_FACTOR
    ending, failure = Ending.SUCCEED, None
    failing = find(calls, *FAILURES)
    if failing:
        ending, failure = Ending.FAIL, FAILURES[failing.fault]
        run_seconds *= failure.at
    elif find(calls, Fault.CANCELLED):
        ending = Ending.CANCEL
    elif find(calls, Fault.STUCK):
        ending = Ending.NEVER
    held, hidden = find(calls, Fault.THROTTLED), find(calls, Fault.NOT_YET_VISIBLE)
    return Script(
        queue_seconds=queue_seconds * pace,
        run_seconds=run_seconds * pace,
        held_seconds=(held.argument or _HELD_SECONDS) * pace if held else 0.0,
        hidden_seconds=(hidden.argument or _HIDDEN_SECONDS) * pace if hidden else 0.0,
        ending=ending,
        failure=failure,
    )
