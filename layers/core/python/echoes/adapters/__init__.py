"""One package per vendor or technology; each implements ports. Siblings never import."""
