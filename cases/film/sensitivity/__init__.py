"""Derivatives of what a steady film shows by the numbers of its TOML file and by its local ones."""
