"""Use cases of projects and their batches of clips."""
