"""Derivatives of what is read off a steady film, by one transposed solve for each reading."""
