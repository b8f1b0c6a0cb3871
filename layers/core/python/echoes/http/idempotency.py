"""
The same wish twice is one wish.

A wish is named by its ``Idempotency-Key``, within its subject and route. Its answer is kept for a
day and given again, marked with ``Idempotency-Replayed: true``. Refusals and failures are not kept:
the same key may succeed later. Without a key every request is a new wish.

What is kept must be fit to be kept: no signed URLs, no tokens. Routes keep what such things are
made from, and make them anew.
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
from echoes.http.exchange import Request
from echoes.http.rejections import IdempotencyInProgress, IdempotencyMismatch
from echoes.observability import logger

KEPT_SECONDS: Final = 24 * 60 * 60
REPLAYED: Final = "Idempotency-Replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was kept of a wish, and whether it was granted before."""

    record: Mapping[str, Any]
    replayed: bool

    @property
    def headers(self) -> dict[str, str]:
        """The header that tells a repeated answer from a first one."""
        return {REPLAYED: "true"} if self.replayed else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Remembers which wishes were granted."""

    store: BasePersistenceLayer

    def once(
        self, request: Request, *, payload: object, act: Callable[[], Mapping[str, Any]]
    ) -> Kept:
        """
        Return what *act* returned, now or when the same wish was granted before.

        Raises:
            IdempotencyMismatch: The key came before with another *payload* or path.
            IdempotencyInProgress: The same wish is being granted at this moment.
            Unavailable: The wish could not be written down, and *act* was not called.
        """
        key = request.idempotency_key
        if key is None:
            return Kept(record=act(), replayed=False)
        granted: list[Mapping[str, Any]] = []
        replayed: list[bool] = []

        def remember_replay(response: Any, idempotent_data: object) -> Any:  # noqa: ANN401, ARG001  # Powertools' hook
            replayed.append(True)
            return response

        def grant(wish: object) -> Mapping[str, Any]:  # noqa: ARG001  # Powertools reads it by name
            granted.append(act())
            return granted[0]

        idempotent = idempotent_function(
            grant,
            data_keyword_argument="wish",
            persistence_store=self.store,
            config=_config(request, remember_replay),
            key_prefix=request.route,
        )
        wish = {
            "name": [_scope(request), request.route, key],
            "content": {"path": dict(request.path), "payload": payload},
        }
        try:
            record = idempotent(wish=wish)
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
        return Kept(record=record, replayed=bool(replayed))


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
    """Return who wishes. Strangers are told apart by their address, so keys are not shared."""
    if request.caller is None:
        return f"address:{request.source_ip}"
    return request.caller.subject
