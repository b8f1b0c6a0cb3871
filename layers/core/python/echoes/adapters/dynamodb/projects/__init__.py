"""Projects and their batches."""
