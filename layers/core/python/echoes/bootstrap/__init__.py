"""Composition roots, one module per function, so none imports another's vendors."""
