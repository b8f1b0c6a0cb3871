"""Composition roots of the functions that follow Stripe."""
