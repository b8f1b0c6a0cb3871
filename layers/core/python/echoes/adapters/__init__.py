"""One package per vendor or technology; each implements ports. None imports another."""
