"""Orders of credits, and the purchases they became."""
