"""All patches, in the order in which they are applied."""

from dev.cloud.patches import (
    api_bodies,
    asynchronous_calls,
    buckets,
    concurrency,
    executions,
    function_properties,
    gateway,
    handler_errors,
    handler_logs,
    layer_state,
    layers,
    metrics,
    secrets,
    tables,
    transport,
)
from dev.cloud.patches.patch import Patch

# `function_properties` comes before `concurrency`, which asks it for a function's reserve.
PATCHES: tuple[Patch, ...] = (
    handler_errors.PATCH,
    handler_logs.PATCH,
    layers.PATCH,
    layer_state.PATCH,
    function_properties.PATCH,
    concurrency.PATCH,
    asynchronous_calls.PATCH,
    tables.PATCH,
    secrets.PATCH,
    buckets.PATCH,
    gateway.PATCH,
    api_bodies.PATCH,
    metrics.PATCH,
    executions.PATCH,
    transport.PATCH,
)
