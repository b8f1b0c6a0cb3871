"""How a film is planned from clips: segments, title cards, loudness."""
