"""What the simulators share: requests and responses, the server, faults, the command."""
