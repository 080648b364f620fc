"""Numbers quoted from papers."""
