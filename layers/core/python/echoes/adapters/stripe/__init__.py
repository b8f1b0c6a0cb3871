"""Stripe. Its library is imported only by modules whose functions need it."""
