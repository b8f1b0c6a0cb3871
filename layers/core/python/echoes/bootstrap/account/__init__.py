"""Composition root of the `account` function."""
