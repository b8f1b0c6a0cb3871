"""A film planned from photos alone, each choice with its reason."""
