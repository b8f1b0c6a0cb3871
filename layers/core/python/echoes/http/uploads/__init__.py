"""Photo uploads."""
