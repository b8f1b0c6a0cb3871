"""Use cases that order, make, settle and hand out clips."""
