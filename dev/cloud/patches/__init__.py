"""Our fixes of ministack 1.5.33, one noun a module; README.md has the table."""
