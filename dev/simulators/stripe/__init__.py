"""A simulator of Stripe for development and tests; inside, `import stripe` is Stripe's own SDK."""
