"""Photos that come in, films that are rendered, and the hosts that serve both."""
