"""The checks of the books: the chain of entries, records that must agree, signed anchors."""
