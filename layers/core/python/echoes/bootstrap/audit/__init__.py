"""Composition roots of the audit's functions."""
