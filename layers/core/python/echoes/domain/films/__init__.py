"""A film that was ordered, and how many of one person are made at once."""
