"""Composition roots of the functions that make clips."""
