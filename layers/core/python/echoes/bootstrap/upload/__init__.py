"""Composition roots of the functions that take photos and music in."""
