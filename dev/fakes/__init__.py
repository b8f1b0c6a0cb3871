"""The ports in memory: fast, deterministic, and held to the adapters' contract by tests/contract."""
