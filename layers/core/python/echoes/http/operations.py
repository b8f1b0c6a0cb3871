"""
The operations of the API: what is described of each route, in the order of the description.

``tools.openapi`` generates the API description and the gateway's routes from this list. Tests check
that the functions serve exactly these routes and that every response keeps its promise. No function
imports it at run time.
"""

from typing import Final

from echoes.http.accounts.operations import GUESTS, OPERATORS
from echoes.http.billing.operations import BILLING, STRIPE_EVENTS
from echoes.http.catalogue.operations import SETTINGS
from echoes.http.clips.operations import CLIPS
from echoes.http.credits.operations import CREDITS
from echoes.http.films.operations import FILMS
from echoes.http.music.operations import MUSIC, MUSIC_UPLOADS
from echoes.http.projects.operations import PROJECTS
from echoes.http.referrals.operations import REFERRALS
from echoes.http.stories.operations import STORIES
from echoes.http.uploads.operations import UPLOADS

OPERATIONS: Final = (
    *SETTINGS,
    *MUSIC,
    *GUESTS,
    *UPLOADS,
    *CLIPS,
    *STORIES,
    *PROJECTS,
    *FILMS,
    *MUSIC_UPLOADS,
    *CREDITS,
    *BILLING,
    *REFERRALS,
    *OPERATORS,
    *STRIPE_EVENTS,
)
