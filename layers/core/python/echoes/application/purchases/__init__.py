"""Use cases of buying credits."""
