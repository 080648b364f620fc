"""Growth of a filament in a metallization cell on a moving mesh."""
