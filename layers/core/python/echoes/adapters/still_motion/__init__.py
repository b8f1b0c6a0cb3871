"""The built-in provider: our own code sets the photo in motion, for nothing and offline."""
