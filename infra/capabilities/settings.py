"""Environment variables that several functions read, made of an environment's values."""

from infra.environments import Environment
from infra.switches import on_off


def web_settings(environment: Environment) -> dict[str, str]:
    """Return what every function behind the API reads."""
    return {"ALLOWED_ORIGINS": ",".join(environment.allowed_origins)}


def provider_settings(environment: Environment) -> dict[str, str]:
    """Return which providers make clips, and whether the first one is free."""
    settings = {
        "VIDEO_PROVIDER": environment.video_provider,
        "FREE_CLIPS": on_off(on=environment.free_clips),
    }
    if environment.fallback_video_provider:
        settings["FALLBACK_VIDEO_PROVIDER"] = environment.fallback_video_provider
    return settings


def polling_settings(environment: Environment) -> dict[str, str]:
    """Return how long an attempt waits between polls, and after a lost response."""
    return {
        "POLL_SCALE": str(environment.poll_scale),
        "RECONCILE_AFTER_SECONDS": str(environment.reconcile_after_seconds),
    }
