"""Entry points of films."""
