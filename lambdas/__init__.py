"""Entry points, one folder a deployment unit."""
