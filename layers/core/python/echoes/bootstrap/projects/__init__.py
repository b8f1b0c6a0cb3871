"""Composition roots of the functions of projects."""
