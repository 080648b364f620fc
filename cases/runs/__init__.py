"""Runs of experiments: what all of them record."""
