"""The rules of the ledger: entries, accounts, postings, holds, and adjustments by operators."""
