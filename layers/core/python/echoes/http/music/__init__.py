"""The music catalogue and uploaded music."""
