"""Use cases that order, assemble, settle and hand out films."""
