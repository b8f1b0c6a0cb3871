"""Entry points, one folder per deployment unit."""
