"""Use cases, one verb phrase per module, and the ports they need."""
