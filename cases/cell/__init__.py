"""Metallization cells: growth, cycles, compliance, relaxation."""
