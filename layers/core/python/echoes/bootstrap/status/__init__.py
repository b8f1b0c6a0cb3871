"""Composition root of the `status` function."""
