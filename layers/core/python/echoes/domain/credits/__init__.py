"""The ledger's rules: entries, accounts, postings, and what operators adjust."""
