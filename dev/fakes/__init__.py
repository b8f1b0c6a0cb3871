"""
Our ports in memory, for tests and simulations.

A module is named after the module of its ports, a class `InMemory` and its port. `Plain` stands
before a processor of pictures, films or music that only marks what it is given: decoding would
cost seconds and prove nothing about what is around it. `FakeClock` is the port `Clock`. Two modules
have no port: `idempotency` keeps Powertools' records, `state_machine` runs a workflow's definition.
"""
