"""The stacks: data outlives the rest, service runs, api answers, operations watches."""
