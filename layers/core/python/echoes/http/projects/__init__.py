"""Projects and their batches of clips."""
