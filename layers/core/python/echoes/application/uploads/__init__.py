"""Use cases that take photos in."""
