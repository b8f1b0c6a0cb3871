"""Credit packs, checkout and Stripe's webhook."""
