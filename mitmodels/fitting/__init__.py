"""Statistics of a fit: identifiability, distance of curves."""
