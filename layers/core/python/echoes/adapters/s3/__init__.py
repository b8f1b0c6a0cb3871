"""Files kept in S3."""
