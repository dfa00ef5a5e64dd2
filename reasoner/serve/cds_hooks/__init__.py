"""CDS Hooks 2.0: an order is drafted, cards come back."""
