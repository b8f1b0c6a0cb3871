"""How a request is read, checked, executed and answered, as Stripe does it."""
