"""The use case that proposes a film from photos."""
