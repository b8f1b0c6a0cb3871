"""Camera instructions for Runway."""

from typing import Final

from echoes.domain.clips.clip import MAX_PROMPT_UTF16_UNITS, Motion, utf16_units

WORDS: Final = {
    Motion.AUTO: "The scene comes gently to life with subtle, natural movement.",
    Motion.ZOOM_IN: "The camera moves slowly towards the subject.",
    Motion.ZOOM_OUT: "The camera moves slowly away and shows more of the scene.",
    Motion.PAN_LEFT: "The camera pans slowly to the left.",
    Motion.PAN_RIGHT: "The camera pans slowly to the right.",
    Motion.TILT_UP: "The camera tilts slowly upwards.",
    Motion.TILT_DOWN: "The camera tilts slowly downwards.",
}


def prompt_text(motion: Motion, prompt: str | None) -> str:
    """Return the owner's prompt, with our words for the camera if there is room."""
    words = WORDS[motion]
    if prompt is None:
        return words
    both = f"{prompt.rstrip()} {words}"
    return both if utf16_units(both) <= MAX_PROMPT_UTF16_UNITS else prompt
