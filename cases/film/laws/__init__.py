"""What a film and its substrate are made of, as sections of a TOML file."""
