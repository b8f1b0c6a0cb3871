"""Quotes and clips."""
