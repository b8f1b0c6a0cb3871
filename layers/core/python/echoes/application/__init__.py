"""Use cases, one verb phrase a module, and the ports they need."""
