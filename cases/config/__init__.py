"""TOML files: quantities with units, sections, materials, protocols, messages."""
