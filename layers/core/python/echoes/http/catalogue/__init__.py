"""What everybody may read: configuration, errors, music."""
