"""
The routes of the API, as data: nothing answers that is not listed here.

A test holds them against `docs/openapi.json`.
"""

from dataclasses import dataclass
from typing import Final

from infra import functions
from infra.functions.spec import FunctionSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """How often all callers together may use a method."""

    per_second: float
    burst: int


# A family looks at its clips: many open pages, each asking every five seconds.
READING: Final = Throttle(per_second=200, burst=400)
# Orders come in batches of up to 50 photos.
ORDERING: Final = Throttle(per_second=50, burst=200)
# Guests and adjustments are rare; a flood of them is an attack or a mistake.
RARE: Final = Throttle(per_second=20, burst=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path; *public* ones are answered without a token."""

    method: str
    path: str
    function: FunctionSpec
    throttle: Throttle
    public: bool = False


ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/config",
        function=functions.accounts.ACCOUNT_API,
        throttle=READING,
        public=True,
    ),
    Route(
        method="GET",
        path="/v1/errors",
        function=functions.accounts.ACCOUNT_API,
        throttle=READING,
        public=True,
    ),
    Route(
        method="GET",
        path="/v1/music",
        function=functions.accounts.ACCOUNT_API,
        throttle=READING,
        public=True,
    ),
    Route(
        method="POST",
        path="/v1/guests",
        function=functions.accounts.ACCOUNT_API,
        throttle=RARE,
        public=True,
    ),
    Route(
        method="GET", path="/v1/credits", function=functions.accounts.ACCOUNT_API, throttle=READING
    ),
    Route(
        method="GET",
        path="/v1/credits/transactions",
        function=functions.accounts.ACCOUNT_API,
        throttle=READING,
    ),
    Route(
        method="POST", path="/v1/uploads", function=functions.uploads.UPLOAD_API, throttle=ORDERING
    ),
    Route(
        method="GET",
        path="/v1/uploads/{upload_id}",
        function=functions.uploads.UPLOAD_API,
        throttle=READING,
    ),
    Route(
        method="GET",
        path="/v1/music-uploads",
        function=functions.uploads.UPLOAD_API,
        throttle=READING,
    ),
    Route(
        method="POST",
        path="/v1/music-uploads",
        function=functions.uploads.UPLOAD_API,
        throttle=RARE,
    ),
    Route(
        method="GET",
        path="/v1/music-uploads/{music_id}",
        function=functions.uploads.UPLOAD_API,
        throttle=READING,
    ),
    Route(
        method="DELETE",
        path="/v1/music-uploads/{music_id}",
        function=functions.uploads.UPLOAD_API,
        throttle=RARE,
    ),
    Route(
        method="POST",
        path="/v1/stories",
        function=functions.projects.PROJECTS_API,
        throttle=ORDERING,
    ),
    Route(
        method="GET",
        path="/v1/projects",
        function=functions.projects.PROJECTS_API,
        throttle=READING,
    ),
    Route(
        method="POST",
        path="/v1/projects",
        function=functions.projects.PROJECTS_API,
        throttle=ORDERING,
    ),
    Route(
        method="GET",
        path="/v1/projects/{project_id}",
        function=functions.projects.PROJECTS_API,
        throttle=READING,
    ),
    Route(
        method="PATCH",
        path="/v1/projects/{project_id}",
        function=functions.projects.PROJECTS_API,
        throttle=ORDERING,
    ),
    Route(
        method="DELETE",
        path="/v1/projects/{project_id}",
        function=functions.projects.PROJECTS_API,
        throttle=ORDERING,
    ),
    Route(
        method="POST",
        path="/v1/projects/{project_id}/clips",
        function=functions.projects.PROJECTS_API,
        throttle=ORDERING,
    ),
    Route(
        method="POST", path="/v1/quotes", function=functions.clips.GENERATE_API, throttle=ORDERING
    ),
    Route(
        method="POST", path="/v1/clips", function=functions.clips.GENERATE_API, throttle=ORDERING
    ),
    Route(
        method="GET",
        path="/v1/clips/{clip_id}",
        function=functions.clips.STATUS_API,
        throttle=READING,
    ),
    Route(
        method="DELETE",
        path="/v1/clips/{clip_id}",
        function=functions.clips.GENERATE_API,
        throttle=ORDERING,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip_id}/regenerations",
        function=functions.clips.GENERATE_API,
        throttle=ORDERING,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip_id}/cancellation",
        function=functions.clips.GENERATE_API,
        throttle=ORDERING,
    ),
    Route(
        method="GET",
        path="/v1/clips/{clip_id}/download",
        function=functions.clips.GENERATE_API,
        throttle=READING,
    ),
    Route(
        method="GET",
        path="/v1/credit-packs",
        function=functions.payments.BILLING_API,
        throttle=READING,
        public=True,
    ),
    Route(
        method="POST",
        path="/v1/checkout-sessions",
        function=functions.payments.BILLING_API,
        throttle=RARE,
    ),
    Route(
        method="GET",
        path="/v1/checkout-sessions/{checkout_session_id}",
        function=functions.payments.BILLING_API,
        throttle=READING,
    ),
    # Signed by Stripe; a sale of ours and its storm of events come in bursts.
    Route(
        method="POST",
        path="/webhooks/stripe",
        function=functions.payments.WEBHOOKS_INGEST,
        throttle=ORDERING,
        public=True,
    ),
    Route(
        method="POST",
        path="/v1/projects/{project_id}/films",
        function=functions.films.ASSEMBLE_API,
        throttle=ORDERING,
    ),
    Route(
        method="GET",
        path="/v1/films/{film_id}",
        function=functions.clips.STATUS_API,
        throttle=READING,
    ),
    Route(
        method="POST",
        path="/v1/films/{film_id}/cancellation",
        function=functions.films.ASSEMBLE_API,
        throttle=ORDERING,
    ),
    Route(
        method="GET",
        path="/v1/films/{film_id}/download",
        function=functions.films.ASSEMBLE_API,
        throttle=READING,
    ),
    Route(
        method="GET",
        path="/v1/referrals",
        function=functions.accounts.ACCOUNT_API,
        throttle=READING,
    ),
    # Codes are short: whoever tries many of them is slowed down.
    Route(
        method="POST", path="/v1/referrals", function=functions.accounts.ACCOUNT_API, throttle=RARE
    ),
    Route(
        method="POST",
        path="/admin/v1/credits/adjustments",
        function=functions.accounts.ADMIN_API,
        throttle=RARE,
    ),
    *(
        Route(
            method=method,
            path=f"/admin/v1{path}",
            function=functions.accounts.ADMIN_API,
            throttle=RARE,
        )
        for method, path in (
            ("GET", "/credits/adjustments/{adjustment_id}"),
            ("POST", "/credits/adjustments/{adjustment_id}/approval"),
            ("POST", "/credits/write-offs"),
            ("GET", "/accounts/{user_id}"),
            ("GET", "/accounts/{user_id}/transactions"),
            ("POST", "/accounts/{user_id}/freeze"),
            ("POST", "/accounts/{user_id}/thaw"),
            ("POST", "/stripe-events/{event_id}/replay"),
        )
    ),
)
