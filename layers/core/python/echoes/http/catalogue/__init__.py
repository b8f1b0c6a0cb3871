"""What every caller may read: configuration, errors, music."""
