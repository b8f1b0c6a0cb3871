"""The ports in memory: fast, deterministic, held to the adapters' contract by tests/contract."""
