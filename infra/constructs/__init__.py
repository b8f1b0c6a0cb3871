"""Constructs, one noun of the domain a file."""
