"""Fits of films and cells to measurements."""
