"""Credit packs, orders of them, and what a payment means in credits."""
