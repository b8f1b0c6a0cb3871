"""Switches, as environment variables hold them."""


def on_off(*, on: bool) -> str:
    """Return *on* as functions read it."""
    return "on" if on else "off"
