"""Step Functions tasks and event handlers."""
