"""What the Step Functions tasks and event handlers receive and call."""
