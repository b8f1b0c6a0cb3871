"""What the API promises: routes, what is described of them, and the base of every schema."""
