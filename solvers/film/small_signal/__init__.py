"""Films linearised at a steady state: stability, impedance."""
