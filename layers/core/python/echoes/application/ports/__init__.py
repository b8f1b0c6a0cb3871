"""What the use cases need from the outside world, one module a capability."""
