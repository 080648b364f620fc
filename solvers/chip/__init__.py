"""Several films on one substrate, which carries the heat of each to the others."""
