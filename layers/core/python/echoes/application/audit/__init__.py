"""Use cases that check the books."""
