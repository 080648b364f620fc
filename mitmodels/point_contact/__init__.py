"""Quantum point contact and its memory."""
