"""Magnetisation, ferromagnetic resonance and Kerr maps of a film."""
