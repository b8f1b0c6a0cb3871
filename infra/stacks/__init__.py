"""The stacks: data outlives the rest, service runs, api routes, operations watches."""
