"""Composition root of the authorizer."""
