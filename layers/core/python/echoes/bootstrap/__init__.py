"""Composition roots, one module a function, so none imports the vendors of another."""
