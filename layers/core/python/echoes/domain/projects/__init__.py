"""A project's clips and their order, and many clips ordered in one batch."""
