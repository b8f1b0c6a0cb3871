"""Tokens: issuing and verifying them."""
