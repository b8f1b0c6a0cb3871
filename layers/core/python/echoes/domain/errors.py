"""
Errors the product itself knows about.

* `Rejected`: understood and refused; repeating it unchanged will not help.
* `Conflict`: somebody else wrote first; repeat the whole use case.
* `Unavailable`: a vendor could not answer; repeat later.

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
    """A vendor timed out, was throttling, or answered 5xx. It did not do what was asked."""

    code = ErrorCode.PROVIDER_UNAVAILABLE


class InvalidRequest(Rejected):
    """A field of the request cannot be used. ``field`` names it in the words of the API."""

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


class Unauthorized(Rejected):
    """Nobody vouches for the caller, or what vouches for them proves nothing."""

    code = ErrorCode.UNAUTHORIZED


class NotFound(Rejected):
    """There is no such thing, or it is somebody else's: the caller cannot tell which."""

    code = ErrorCode.NOT_FOUND


class InsufficientCredits(Rejected):
    """The account has fewer available credits than the work costs."""

    code = ErrorCode.INSUFFICIENT_CREDITS

    def __init__(self, *, required: Credits, available: Credits) -> None:
        super().__init__(f"{required} credits required, {available} available")
        self.required = required
        self.available = available


class AccountFrozen(Rejected):
    """The account may not spend until an operator has looked at it."""

    code = ErrorCode.FORBIDDEN


class HoldAlreadySettled(Rejected):
    """The hold was settled before, the other way."""

    code = ErrorCode.INTERNAL_ERROR

    def __init__(self, hold_id: HoldId) -> None:
        super().__init__(f"hold {hold_id} is already settled")
        self.hold_id = hold_id


class ReferenceMismatch(Rejected):
    """The reference was used before, for something else."""

    code = ErrorCode.IDEMPOTENCY_MISMATCH


class ReferralRefused(Rejected):
    """The invitation cannot be used by this account; the message says why."""

    code = ErrorCode.REFERRAL_REFUSED


class SecondOperatorNeeded(Rejected):
    """One operator alone may not do this."""

    code = ErrorCode.SECOND_OPERATOR_NEEDED


class StaleEdit(Rejected):
    """The thing was changed since the version that the edit is based on."""

    code = ErrorCode.STALE_EDIT


class PhotoTooLarge(Rejected):
    """The photo has more bytes than an upload may have."""

    code = ErrorCode.PHOTO_TOO_LARGE


class PhotoUnusable(Rejected):
    """The uploaded file is not a photo we can animate. ``reason`` says why, for the API."""

    code = ErrorCode.PHOTO_UNREADABLE

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MusicUnusable(Rejected):
    """The uploaded file cannot be the music of a film. ``reason`` says why, for the API."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooMuchMusic(Rejected):
    """The owner keeps as much music of their own as anybody may."""

    code = ErrorCode.MUSIC_LIMIT


class MusicGone(Rejected):
    """The music a film was ordered with is no longer there."""

    code = ErrorCode.MUSIC_GONE


class RegenerationLimit(Rejected):
    """All tries for this clip are used."""

    code = ErrorCode.REGENERATION_LIMIT


class ClipBusy(Rejected):
    """The clip's present attempt has not ended yet."""

    code = ErrorCode.CLIP_BUSY


class FreeClipUsed(Rejected):
    """The guest has had the free clip."""

    code = ErrorCode.FREE_CLIP_USED


class FreeClipPaused(Rejected):
    """No free clips are given at the moment."""

    code = ErrorCode.FREE_CLIP_PAUSED


class AttemptEnded(Rejected):
    """The attempt has ended, or a newer one has begun: there is nothing left to do for it."""


class ProviderRefused(Rejected):
    """
    The provider will not make this clip, and asking again unchanged will not help.

    ``failure`` is what the user is told.
    """

    def __init__(self, failure: ErrorCode, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure

    @property
    def title(self) -> str:
        """The words for people."""
        return CATALOGUE[self.failure].title


class ProviderBusy(Unavailable):
    """The provider did not take the work (quota, shedding load). It may be offered again later."""


class SubmissionUnknown(Unavailable):
    """
    Nobody knows whether the provider took the work: the answer was lost.

    It must not be offered again, because the provider may be making (and billing) it already.
    """


class ResultGone(Unavailable):
    """The provider's result could not be fetched; a fresh address may help."""


class ResultUnusable(Rejected):
    """What the provider delivered is not a clip we can use."""

    code = ErrorCode.GENERATION_FAILED


class FilmNotPaid(Rejected):
    """Some clips of the film were never paid for."""

    code = ErrorCode.PAYMENT_REQUIRED

    def __init__(
        self,
        *,
        clip_ids: Sequence[ClipId],
        project_id: ProjectId,
        required: Credits,
        available: Credits,
    ) -> None:
        super().__init__(f"not paid for: {', '.join(clip_ids)}")
        self.clip_ids = tuple(clip_ids)
        self.project_id = project_id
        self.required = required
        self.available = available


class TooManyFilms(Rejected):
    """As many films of the owner are being made as may be at once: order when one has ended."""

    code = ErrorCode.RATE_LIMITED

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"{limit} of your films are being made: wait until one of them is done")
        self.limit = limit


class FilmBusy(Rejected):
    """The film is still being assembled."""

    code = ErrorCode.FILM_BUSY


class FilmEnded(Rejected):
    """The film was completed, failed or cancelled: there is nothing left to do for it."""

    code = ErrorCode.FILM_FAILED


class FootageRefused(Rejected):
    """
    A clip, the title or the music of a film cannot be used.

    ``reason`` is a word for logs: it says what is wrong, and nothing that people wrote.
    """

    code = ErrorCode.FILM_FAILED

    def __init__(self, detail: str, *, reason: str | None = None) -> None:
        super().__init__(detail)
        self.reason = reason


class FilmUnsound(Rejected):
    """The file that was written is not the film that was planned. Nobody gets to see it."""

    code = ErrorCode.FILM_FAILED
