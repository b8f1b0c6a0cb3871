"""Simulators of the services we call: Runway and Stripe."""
