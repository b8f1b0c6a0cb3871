"""A clip's life: attempts, quotes, the waits between polls, and price drift."""
