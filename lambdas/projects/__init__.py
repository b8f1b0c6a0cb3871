"""Entry points of projects."""
