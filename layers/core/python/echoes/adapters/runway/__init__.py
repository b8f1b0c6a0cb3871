"""Runway, a video generation vendor, through its HTTP API."""
