"""Composition root of the `admin` function."""
