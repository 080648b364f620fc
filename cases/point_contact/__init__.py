"""Quantum point contacts: hysteresis loop, filament of a run."""
