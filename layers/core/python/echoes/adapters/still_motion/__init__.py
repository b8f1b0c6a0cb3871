"""The built-in provider: our own code animates the photo, free and offline."""
