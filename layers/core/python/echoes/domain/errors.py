"""
Errors that the product raises on purpose.

* `Rejected`: understood and refused. Retrying it unchanged will not help.
* `Conflict`: another write came first. Retry the whole use case.
* `Unavailable`: a vendor could not respond. Retry later.

Step Functions matches errors by class name, so these names are part of the workflow's contract.
"""

from collections.abc import Sequence
from typing import ClassVar

from echoes.domain.error_catalogue import CATALOGUE, ErrorCode
from echoes.domain.identifiers import ClipId, Credits, HoldId, ProjectId


class EchoesError(Exception):
    """Base class of every error the product raises on purpose."""

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL_ERROR


class Rejected(EchoesError):
    """The request was understood and refused. Nothing changed."""

    code = ErrorCode.INVALID_REQUEST


class Conflict(EchoesError):
    """The stored state changed between read and write. Nothing changed."""

    code = ErrorCode.TRY_AGAIN


class Unavailable(EchoesError):
    """A vendor timed out, throttled us or returned a 5xx. The request had no effect."""


class InvalidRequest(Rejected):
    """A field of the request is not usable. ``field`` is its name in the API."""

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


class Unauthorized(Rejected):
    """The caller has no token, or the token is not valid."""

    code = ErrorCode.UNAUTHORIZED


class NotFound(Rejected):
    """It does not exist or belongs to another owner; the caller cannot tell which."""

    code = ErrorCode.NOT_FOUND


class InsufficientCredits(Rejected):
    """The account has fewer available credits than the work costs."""

    code = ErrorCode.INSUFFICIENT_CREDITS

    def __init__(self, *, required: Credits, available: Credits) -> None:
        super().__init__(f"this costs {required} credits; {available} are available")
        self.required = required
        self.available = available


class AccountFrozen(Rejected):
    """The account may not spend until an operator has reviewed it."""

    code = ErrorCode.FORBIDDEN


class HoldAlreadySettled(Rejected):
    """The hold has already been settled the other way."""

    code = ErrorCode.INTERNAL_ERROR

    def __init__(self, hold_id: HoldId) -> None:
        super().__init__(f"hold {hold_id} is already settled")
        self.hold_id = hold_id


class ReferenceMismatch(Rejected):
    """The reference has already been used for something else."""

    code = ErrorCode.IDEMPOTENCY_MISMATCH


class ReferralRefused(Rejected):
    """The invitation cannot be used by this account; the message says why."""

    code = ErrorCode.REFERRAL_REFUSED


class SecondOperatorNeeded(Rejected):
    """One operator may not do this alone."""

    code = ErrorCode.SECOND_OPERATOR_NEEDED


class StaleEdit(Rejected):
    """The resource has changed since the version that the edit is based on."""

    code = ErrorCode.STALE_EDIT


class PhotoTooLarge(Rejected):
    """The photo is larger than an upload may be."""

    code = ErrorCode.PHOTO_TOO_LARGE


class PhotoUnusable(Rejected):
    """The uploaded file is not a photo we can animate. ``reason`` says why, for the API."""

    code = ErrorCode.PHOTO_UNREADABLE

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MusicUnusable(Rejected):
    """The uploaded file cannot be used as music. ``reason`` says why, for the API."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooMuchMusic(Rejected):
    """The owner has reached the limit of uploaded tracks."""

    code = ErrorCode.MUSIC_LIMIT


class MusicGone(Rejected):
    """The music that the film was ordered with has been deleted."""

    code = ErrorCode.MUSIC_GONE


class RegenerationLimit(Rejected):
    """All tries for this clip are used."""

    code = ErrorCode.REGENERATION_LIMIT


class ClipBusy(Rejected):
    """The clip's current attempt has not ended yet."""

    code = ErrorCode.CLIP_BUSY


class FreeClipUsed(Rejected):
    """The guest has already used the free clip."""

    code = ErrorCode.FREE_CLIP_USED


class FreeClipPaused(Rejected):
    """Free clips are paused."""

    code = ErrorCode.FREE_CLIP_PAUSED


class AttemptEnded(Rejected):
    """The attempt has ended or was superseded; nothing is left to do for it."""


class ProviderRefused(Rejected):
    """
    The provider will not generate this clip, and retrying it unchanged will not help.

    ``failure`` is the code shown to the user.
    """

    def __init__(self, failure: ErrorCode, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure

    @property
    def title(self) -> str:
        """The title shown to people."""
        return CATALOGUE[self.failure].title


class ProviderBusy(Unavailable):
    """The provider did not accept the work (quota, load shedding). It may be submitted later."""

    code = ErrorCode.PROVIDER_UNAVAILABLE


class SubmissionUnknown(Unavailable):
    """
    The response was lost, so it is unknown whether the provider accepted the work.

    Do not submit it again: the provider may already be generating and billing it.
    """

    code = ErrorCode.PROVIDER_UNAVAILABLE


class ResultGone(Unavailable):
    """The provider's result could not be fetched; a fresh URL may help."""

    code = ErrorCode.PROVIDER_UNAVAILABLE


class ResultUnusable(Rejected):
    """The provider delivered a file that cannot be used as a clip."""

    code = ErrorCode.GENERATION_FAILED


class FilmNotPaid(Rejected):
    """Some clips of the film are unpaid."""

    code = ErrorCode.PAYMENT_REQUIRED

    def __init__(
        self,
        *,
        clip_ids: Sequence[ClipId],
        project_id: ProjectId,
        required: Credits,
        available: Credits,
    ) -> None:
        super().__init__(f"unpaid clips: {', '.join(clip_ids)}")
        self.clip_ids = tuple(clip_ids)
        self.project_id = project_id
        self.required = required
        self.available = available


class TooManyFilms(Rejected):
    """The owner has reached the limit of films in progress and must wait for one to end."""

    code = ErrorCode.RATE_LIMITED

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"{limit} of your films are being made; wait until one is done")
        self.limit = limit


class FilmBusy(Rejected):
    """The film is still being assembled."""

    code = ErrorCode.FILM_BUSY


class FilmEnded(Rejected):
    """The film has completed, failed or been cancelled; nothing is left to do for it."""

    code = ErrorCode.FILM_FAILED


class FootageRefused(Rejected):
    """
    A clip, the title or the music of a film cannot be used.

    ``reason`` is a keyword for logs. It never contains what people wrote.
    """

    code = ErrorCode.FILM_FAILED

    def __init__(self, detail: str, *, reason: str | None = None) -> None:
        super().__init__(detail)
        self.reason = reason


class FilmUnsound(Rejected):
    """The written file does not match the planned film. It is never shown to anyone."""

    code = ErrorCode.FILM_FAILED
