"""Several films on one substrate, each with its own circuit and source."""
