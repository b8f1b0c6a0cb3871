"""Composition root of the rewards' review."""
