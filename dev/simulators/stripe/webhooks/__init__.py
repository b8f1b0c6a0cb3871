"""Events, where they go, and how they are signed, sent and retried."""
