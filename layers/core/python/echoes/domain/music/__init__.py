"""The tracks we ship, uploaded music, and where the beats fall."""
