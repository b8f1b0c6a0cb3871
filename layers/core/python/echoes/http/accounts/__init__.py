"""Guests, and the accounts that operators see."""
