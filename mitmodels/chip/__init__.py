"""Several devices on one substrate: where they are, and what heat does between them."""
