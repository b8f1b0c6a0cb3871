"""The balance, its transactions, and adjustments."""
