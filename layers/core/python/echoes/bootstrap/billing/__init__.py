"""Composition root of the `billing` function."""
