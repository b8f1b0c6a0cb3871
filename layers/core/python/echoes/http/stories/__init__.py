"""Stories: films proposed from photos."""
