"""Resonance and Kerr maps of a film run."""
