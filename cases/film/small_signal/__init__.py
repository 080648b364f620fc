"""Small perturbations of steady films: gains, impedance, critical elements of the circuit."""
