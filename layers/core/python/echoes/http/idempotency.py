"""
Idempotency: a repeated request has one effect.

A request is identified by its ``Idempotency-Key``, within its subject and route. Its response is
stored for a day and returned again with ``Idempotency-Replayed: true``. Errors are not stored: the
same key may succeed later. Without a key, every request is a new one.

Stored responses must not hold signed URLs or tokens. Routes store what such values are made from,
and make them again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aws_lambda_powertools.utilities.idempotency import (
    IdempotencyConfig,
    IdempotentHookFunction,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer

from echoes.domain.errors import Unavailable
from echoes.http.rejections import IdempotencyInProgress, IdempotencyMismatch
from echoes.http.request import Request
from echoes.observability import logger

KEPT_SECONDS: Final = 24 * 60 * 60
REPLAYED: Final = "Idempotency-Replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """The stored result of a request, and whether it is a replay."""

    record: Mapping[str, Any]
    replayed: bool

    @property
    def headers(self) -> dict[str, str]:
        """The header that marks a replayed response."""
        return {REPLAYED: "true"} if self.replayed else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """Stores the results of requests."""

    store: BasePersistenceLayer

    def once(
        self, request: Request, *, payload: object, act: Callable[[], Mapping[str, Any]]
    ) -> StoredResponse:
        """
        Return what *act* returned, now or for the first request with this key.

        Raises:
            IdempotencyMismatch: The key was used with another *payload* or path.
            IdempotencyInProgress: The first request is still running.
            Unavailable: The record could not be stored, and *act* was not called.
        """
        key = request.idempotency_key
        if key is None:
            return StoredResponse(record=act(), replayed=False)
        granted: list[Mapping[str, Any]] = []
        replayed: list[bool] = []

        def remember_replay(response: Any, idempotent_data: object) -> Any:  # noqa: ANN401, ARG001  # Powertools' hook
            replayed.append(True)
            return response

        def grant(data: object) -> Mapping[str, Any]:  # noqa: ARG001  # Powertools reads it by name
            granted.append(act())
            return granted[0]

        idempotent = idempotent_function(
            grant,
            data_keyword_argument="data",
            persistence_store=self.store,
            config=_config(request, remember_replay),
            key_prefix=request.route,
        )
        data = {
            "name": [_scope(request), request.route, key],
            "content": {"path": dict(request.path), "payload": payload},
        }
        try:
            record = idempotent(data=data)
        except IdempotencyValidationError as error:
            raise IdempotencyMismatch(
                "this Idempotency-Key was already used with a different request"
            ) from error
        except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError) as error:
            raise IdempotencyInProgress("the first request is still running") from error
        except IdempotencyPersistenceLayerError as error:
            if not granted:
                raise Unavailable("the idempotency record could not be stored") from error
            logger.warning("response not stored for idempotency", extra={"route": request.route})
            record = granted[0]
        return StoredResponse(record=record, replayed=bool(replayed))


def _config(request: Request, hook: IdempotentHookFunction) -> IdempotencyConfig:
    return IdempotencyConfig(
        event_key_jmespath="name",
        payload_validation_jmespath="content",
        expires_after_seconds=KEPT_SECONDS,
        hash_function="sha256",
        lambda_context=request.context,
        response_hook=hook,
    )


def _scope(request: Request) -> str:
    """Return the caller. Anonymous callers are told apart by address, so keys are not shared."""
    if request.caller is None:
        return f"address:{request.source_ip}"
    return request.caller.subject
