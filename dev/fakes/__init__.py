"""The ports in memory, for tests, simulations and local development."""
