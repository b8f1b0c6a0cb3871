"""Keys that sign and never leave AWS KMS."""
