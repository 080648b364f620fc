"""Compact model of a film: made of a steady run, and compared with it and with films in time."""
