"""Current and heat in a film on a substrate: Newton, branch, time steps, files."""
