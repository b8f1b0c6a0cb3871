"""Projects in the records table."""
