"""Runway: the vendor of moving pictures, over its HTTP API."""
