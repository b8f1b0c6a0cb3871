"""The local cloud: ministack with our fixes, deployment of the synthesised stacks, one command."""
