"""Use cases of the music catalogue and of uploaded music."""
