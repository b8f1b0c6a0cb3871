"""Use cases of referrals and their rewards."""
