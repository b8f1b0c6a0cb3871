"""
A start without searches for garbage. Entry points alone import this, before all else of ours.

A start makes a hundred thousand objects, nearly all of which stay, and Python would search through
them again and again: three to five in a hundred of what a cold start takes. Nothing that runs later
changes: once the function is built, garbage is collected as ever.
"""

import gc
from typing import TypeVar

T = TypeVar("T")

gc.disable()


def complete(handler: T) -> T:
    """
    Return *handler*, with which the start is complete, and let Python look for garbage again.

    What was made until now stays as long as the process, so no later search goes through it.
    """
    gc.freeze()
    gc.enable()
    return handler
