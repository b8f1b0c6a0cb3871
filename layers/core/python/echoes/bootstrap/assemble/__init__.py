"""Composition roots of the functions that make films."""
