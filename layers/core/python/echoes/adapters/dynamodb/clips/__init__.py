"""Clips, the rest of a batch of them, and how long providers take, in the records table."""
