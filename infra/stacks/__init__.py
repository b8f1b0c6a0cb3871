"""The stacks: data outlives the rest, service is replaced at will, operations watches."""
