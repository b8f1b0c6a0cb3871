"""How one clip leads to the next. Projects and films choose it; the render plan carries it out."""

from enum import StrEnum


class Transition(StrEnum):
    """The transition from one clip to the next."""

    CUT = "cut"
    CROSS_FADE = "cross_fade"
    """Both are seen for half a second, so that the film is that much shorter."""

    DIP = "dip"
    """Half a second down to black and half a second up again; the film's length stays."""
