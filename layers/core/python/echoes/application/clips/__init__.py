"""Use cases that quote, order, cancel, show, hand out and delete clips."""
