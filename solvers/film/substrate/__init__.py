"""Substrates of a film: local heat loss, half-space, steady and in time."""
